import type { DecideRemovalsInput, HeldRemovalsQuery } from '../../../generated/graphql';

/** A removal that waits. */
export type Removal = NonNullable<HeldRemovalsQuery['heldRemovals']>['nodes'][number];

/** Removals that are decided together: a department that is gone with its people, or those of one department. */
export interface Group {
  key: string;
  deptId: string | null;
  name: string | null;
  /** The department's own removal, where it is gone, too. */
  department: Removal | null;
  members: Removal[];
}

/** What a removal is known by. */
export function keyOf({ entity, entityId }: Removal): string {
  return `${entity}:${entityId}`;
}

/** The removals by the department that they can be decided with, the largest first. */
export function groupsOf(removals: readonly Removal[]): Group[] {
  const groups = new Map<string, Group>();
  for (const removal of removals) {
    const deptId = removal.under?.deptId ?? null;
    const key = deptId ?? '';
    const group = groups.get(key) ?? { key, deptId, name: removal.under?.name ?? null, department: null, members: [] };
    groups.set(key, group);
    if (removal.entity === 'DEPARTMENT' && removal.entityId === deptId) group.department = removal;
    else group.members.push(removal);
  }
  return [...groups.values()].sort((a, b) => b.members.length - a.members.length);
}

/** All removals of a group. */
export function allOf(group: Group): Removal[] {
  return group.department ? [group.department, ...group.members] : group.members;
}

/** People, departments, messages that wait for the people, and links that lead to them. */
export interface Sums {
  users: number;
  departments: number;
  messages: number;
  links: number;
}

/** What removals come to. */
export function sumsOf(removals: readonly Removal[]): Sums {
  const sums = { users: 0, departments: 0, messages: 0, links: 0 };
  for (const { entity, queuedMessages, links } of removals) {
    if (entity === 'USER') sums.users += 1;
    else sums.departments += 1;
    sums.messages += queuedMessages;
    sums.links += links?.length ?? 0;
  }
  return sums;
}

/** The input that decides exactly these: what somebody saw, and nothing that came later. */
export function inputOf(removals: readonly Removal[]): DecideRemovalsInput {
  const ids = (entity: Removal['entity']) => removals.filter((each) => each.entity === entity).map((each) => each.entityId);
  return { userIds: ids('USER'), deptIds: ids('DEPARTMENT') };
}
