import type { ChangeFactsFragment } from '../../generated/graphql';

/** A change as rows need it; one of a dry run has no cause and no place in the feed. */
export type ChangeFacts = Pick<ChangeFactsFragment, 'kind' | 'entity' | 'entityId' | 'fields'> & Partial<ChangeFactsFragment>;

/** A person's place in a department, as a change has it. */
export interface Place {
  deptId: string;
  order: unknown;
  leader: unknown;
}

/** `memberships` before or after; empty where it isn't a list. */
export function placesOf(value: unknown): Place[] {
  if (!Array.isArray(value)) return [];
  return value.map((each: { deptId?: unknown; order?: unknown; leader?: unknown }) => ({
    deptId: String(each.deptId),
    order: each.order,
    leader: each.leader,
  }));
}

/** Fields whose values are people. */
export const PEOPLE: ReadonlySet<string> = new Set(['manager', 'managers', 'org_dept_owner', 'userId']);

/** The departments and people whose names a change needs, by id. */
export function idsOf({ fields, entity, entityId, user, department }: ChangeFacts): { deptIds: string[]; userIds: string[] } {
  const values = (names: (name: string) => boolean) =>
    fields.filter(({ field }) => names(field)).flatMap(({ before, after }) => [before, after].flat());
  const known = (value: unknown) => typeof value === 'string' || typeof value === 'number';

  const deptIds = [
    ...values((name) => name === 'parentId').filter(known).map(String),
    ...fields
      .filter(({ field }) => field === 'memberships')
      .flatMap(({ before, after }) => [...placesOf(before), ...placesOf(after)])
      .map(({ deptId }) => deptId),
  ];
  const userIds = values((name) => PEOPLE.has(name)).filter(known).map(String);
  if (entity === 'DEPARTMENT' && !department) deptIds.push(entityId);
  if (entity === 'USER' && !user) userIds.push(entityId);
  return { deptIds, userIds };
}

/** The global id of a run, whose UUID is the cause of a change. */
export function runIdOf(uuid: string): string {
  return btoa(`SyncRun:${uuid}`).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
