// A client as an application would write it: generated types, graphql-request, nothing of ours. Compiled with --strict.
import { GraphQLClient } from 'graphql-request';
import {
  OutcomeDocument,
  PeopleDocument,
  ResolveDocument,
  SendDocument,
  SubtreeDocument,
  type DepartmentRowFragment,
  type OutcomeQuery,
  type PeopleQuery,
  type ResolveQuery,
  type SendMutation,
  type SubtreeQuery,
} from '../generated/graphql.js';

export type Person = NonNullable<PeopleQuery['users']>['nodes'][number];
export type Resolution = NonNullable<ResolveQuery['resolve']>[number];
export type Outcome = NonNullable<NonNullable<OutcomeQuery['message']>['recipients']>['nodes'][number];
export type Sent = NonNullable<SendMutation['sendMessage']>;

export interface Tree {
  departmentCount: number;
  userCount: number;
  root: DepartmentRowFragment;
  departments: DepartmentRowFragment[];
}

/** What a resolved promise must not be silent about: a nullable root field that came back null. */
function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`the server gave no ${what}`);
  return value;
}

export class DirectoryClient {
  readonly #client: GraphQLClient;

  constructor(url: string, token: string) {
    this.#client = new GraphQLClient(url, { headers: { authorization: `Bearer ${token}` } });
  }

  /** The whole tree below a department, page by page. */
  async tree(deptId: string, pageSize: number): Promise<Tree> {
    const departments: DepartmentRowFragment[] = [];
    for (let after: string | null = null; ; ) {
      const page: SubtreeQuery = await this.#client.request(SubtreeDocument, { deptId, first: pageSize, after });
      const mirror = present(page.mirror, 'mirror');
      const { descendants: below, ...root } = present(page.department, `department ${deptId}`);
      const descendants = present(below, 'descendants');
      departments.push(...descendants.nodes);
      if (!descendants.pageInfo.hasNextPage) {
        if (departments.length !== descendants.totalCount) {
          throw new Error(`${departments.length} departments in pages, totalCount ${descendants.totalCount}`);
        }
        return { departmentCount: mirror.departmentCount, userCount: mirror.userCount, root, departments };
      }
      after = present(descendants.pageInfo.endCursor, 'endCursor');
    }
  }

  /** Everyone, page by page. */
  async people(pageSize: number): Promise<Person[]> {
    const people: Person[] = [];
    for (let after: string | null = null; ; ) {
      const answer: PeopleQuery = await this.#client.request(PeopleDocument, { first: pageSize, after });
      const page = present(answer.users, 'users');
      people.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) return people;
      after = present(page.pageInfo.endCursor, 'endCursor');
    }
  }

  async resolve(emails: string[]): Promise<Resolution[]> {
    const identities = emails.map((email) => ({ username: email.split('@')[0] ?? email, email }));
    return present((await this.#client.request(ResolveDocument, { identities })).resolve, 'resolve');
  }

  async send(emails: string[], content: string, idempotencyKey: string): Promise<Sent> {
    const identities = emails.map((email) => ({ email }));
    const { sendMessage } = await this.#client.request(SendDocument, {
      input: { recipients: { identities }, content: { text: { content } }, idempotencyKey },
    });
    return present(sendMessage, 'sendMessage');
  }

  async outcome(id: string): Promise<Outcome[]> {
    const message = present((await this.#client.request(OutcomeDocument, { id })).message, `message ${id}`);
    return present(message.recipients, 'recipients').nodes;
  }
}
