/** How many people and departments wait to be removed. */
export function heldSums(groups: readonly { users: number; departments: number }[]) {
  return groups.reduce(
    (sum, each) => ({ users: sum.users + each.users, departments: sum.departments + each.departments }),
    { users: 0, departments: 0 },
  );
}
