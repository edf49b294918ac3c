import type { DecideRemovalsInput, GoneCause, HeldRemovalGroupsQuery, RemovalFragment } from '../../../generated/graphql';
import type { Reason } from '../../../reasons';

/** A removal that waits. */
export type Removal = RemovalFragment;

/** Removals by department and cause, as the server counts them. */
type Counted = NonNullable<HeldRemovalGroupsQuery['heldRemovalGroups']>['nodes'][number];

/** People, departments, messages that wait for the people, and links that lead to them. */
export interface Sums {
  users: number;
  departments: number;
  messages: number;
  links: number;
}

/** Removals that are decided together: a department that is gone with its people, or those of one department. */
export interface Group extends Sums {
  key: string;
  deptId: string | null;
  name: string | null;
  causes: readonly GoneCause[];
  /** Why the departments among them would be gone; null where there are none. */
  ofDepartments: GoneCause | null;
  oldestHeldAt: string;
  /** Up to when somebody saw what is counted here. */
  newestHeldAt: string;
  reason: Reason | undefined;
}

/** What a removal is known by. */
export function keyOf({ entity, entityId }: Pick<Removal, 'entity' | 'entityId'>): string {
  return `${entity}:${entityId}`;
}

/** The groups by department, whatever the cause, the largest first: that is how they are decided. */
export function groupsOf(counted: readonly Counted[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of counted) {
    const key = one.deptId ?? '';
    groups.set(key, joined(groups.get(key), one));
  }
  return [...groups.values()].sort((a, b) => b.users + b.departments - (a.users + a.departments));
}

function joined(group: Group | undefined, one: Counted): Group {
  const sums = plus(group ?? NOTHING, {
    users: one.users,
    departments: one.departments,
    messages: one.queuedMessages,
    links: one.links ?? 0,
  });
  return {
    ...sums,
    key: one.deptId ?? '',
    deptId: one.deptId ?? null,
    name: one.under?.name ?? null,
    causes: [...(group?.causes ?? []), one.cause],
    ofDepartments: one.departments > 0 ? one.cause : (group?.ofDepartments ?? null),
    oldestHeldAt: group && group.oldestHeldAt < one.oldestHeldAt ? group.oldestHeldAt : one.oldestHeldAt,
    newestHeldAt: group && group.newestHeldAt > one.newestHeldAt ? group.newestHeldAt : one.newestHeldAt,
    reason: group?.reason ?? one.reasonStatements[0],
  };
}

const NOTHING: Sums = { users: 0, departments: 0, messages: 0, links: 0 };

function plus(a: Sums, b: Sums): Sums {
  return {
    users: a.users + b.users,
    departments: a.departments + b.departments,
    messages: a.messages + b.messages,
    links: a.links + b.links,
  };
}

/** What one removal comes to. */
export function sumsOf({ entity, queuedMessages, links }: Removal): Sums {
  const user = entity === 'USER';
  return { users: user ? 1 : 0, departments: user ? 0 : 1, messages: queuedMessages, links: links?.length ?? 0 };
}

/** What is chosen: whole groups, and of others single removals. */
export interface Chosen {
  groups: readonly Group[];
  removals: readonly Removal[];
}

/** What is chosen comes to this. */
export function sumsOfChosen({ groups, removals }: Chosen): Sums {
  return [...groups, ...removals.map(sumsOf)].reduce(plus, NOTHING);
}

/** As many groups as the server takes in one decision. */
const MOST_GROUPS = 100;

/**
 * The decisions that are about exactly these: of groups what was counted, and nothing that came later. The server takes
 * groups and single records apart.
 */
export function inputsOf({ groups, removals }: Chosen): DecideRemovalsInput[] {
  const inputs: DecideRemovalsInput[] = [];
  for (let from = 0; from < groups.length; from += MOST_GROUPS) {
    const some = groups.slice(from, from + MOST_GROUPS);
    const heldUntil = some.map(({ newestHeldAt }) => newestHeldAt).sort().at(-1);
    inputs.push({ groups: some.map(({ deptId }) => ({ deptId })), heldUntil });
  }

  const ids = (entity: Removal['entity']) => removals.filter((each) => each.entity === entity).map((each) => each.entityId);
  if (removals.length > 0) inputs.push({ userIds: ids('USER'), deptIds: ids('DEPARTMENT') });
  return inputs;
}
