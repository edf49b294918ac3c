// What the app asks of dingmirror. Nothing of Forge is in here: how a request travels, and with which token, is the caller's.

/** Who somebody is in DingTalk. */
export const ME = /* GraphQL */ `
  query Me($identities: [ConfluenceIdentityInput!]!) {
    resolve(identities: $identities) {
      status
      reason
      user {
        userId
        name
      }
    }
  }
`;

/** One message to one person. The same key with the same message finds the first one, and sends nothing. */
export const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) {
      replayed
      notices
      message {
        recipients(first: 1) {
          nodes {
            state
            reason
          }
        }
      }
      userErrors {
        code
        message
      }
    }
  }
`;

/** A Confluence user as Confluence Cloud tells them. Without an email address only a link by hand finds them. */
export interface Person {
  accountId: string;
  email?: string;
  displayName?: string;
}

/** `status` is one of the schema's `ResolutionStatus`; new ones may come. */
export interface Found {
  status: string;
  reason: string;
  user: { userId: string; name: string } | null;
}

/** `state` is one of the schema's `RecipientState`; new ones may come. */
export interface Sent {
  replayed: boolean;
  notices: string[];
  state: string;
  reason: string | null;
}

/** Posts a JSON body to dingmirror's `/graphql`. Forge's responses and those of `fetch` fit. */
export type Post = (body: string) => Promise<{ status: number; text(): Promise<string> }>;

/** A call that gave no answer. `code` is for programs, the message for people. */
export class DingmirrorError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'DingmirrorError';
    this.code = code;
  }
}

interface Problem {
  message: string;
  extensions?: { code?: string };
}

interface Answer<Data> {
  data?: Data | null;
  errors?: Problem[];
}

export class Dingmirror {
  readonly #post: Post;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Who this person is in DingTalk, with the reason. */
  async find(person: Person): Promise<Found> {
    const { resolve } = await this.#call<{ resolve: Found[] | null }>(ME, { identities: [person] });
    const found = resolve?.[0];
    if (!found) throw new DingmirrorError('UNEXPECTED', 'dingmirror gave no answer about this person');
    return found;
  }

  /**
   * Sends this person a text, once for each key, and tells what has become of it so far. To look again, call it with
   * the same key and text.
   */
  async send(person: Person, text: string, key: string): Promise<Sent> {
    const input = { recipients: { identities: [person] }, content: { text: { content: text } }, idempotencyKey: key };
    const { sendMessage: payload } = await this.#call<{ sendMessage: Payload | null }>(SEND, { input });
    const wrong = payload?.userErrors[0];
    if (wrong) throw new DingmirrorError(wrong.code, wrong.message);

    const recipient = payload?.message?.recipients?.nodes[0];
    if (!payload || !recipient) throw new DingmirrorError('UNEXPECTED', 'dingmirror gave no message');
    return { replayed: payload.replayed, notices: payload.notices, ...recipient };
  }

  async #call<Data>(query: string, variables: object): Promise<Data> {
    const response = await this.#post(JSON.stringify({ query, variables }));
    const body = await response.text();
    const answer = read<Data>(body);
    const error = answer?.errors?.[0];
    if (error) throw new DingmirrorError(error.extensions?.code ?? 'UNEXPECTED', error.message);
    // A proxy in between answers in its own words, which are not for people.
    if (!answer?.data) throw new DingmirrorError('UNREACHABLE', `dingmirror did not answer: HTTP ${response.status}`);
    return answer.data;
  }
}

interface Payload {
  replayed: boolean;
  notices: string[];
  message: { recipients: { nodes: { state: string; reason: string | null }[] } | null } | null;
  userErrors: { code: string; message: string }[];
}

/** The body as a GraphQL answer; undefined where it is none. */
function read<Data>(body: string): Answer<Data> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
