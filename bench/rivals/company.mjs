// The company in memory, from the files that the bench writes for every rival.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';

/** Names of the files: one JSON object a line. */
export const FILES = { departments: 'departments.ndjson', users: 'users.ndjson', memberships: 'memberships.ndjson' };

export class Company {
  departments = new Map();
  users = new Map();
  usersByEmail = new Map();
  /** By department, in the order in which they are shown. */
  childrenOf = new Map();
  membersOf = new Map();
  /** By user, in their own order. */
  membershipsOf = new Map();

  static async load(folder) {
    const company = new Company();
    await eachRow(join(folder, FILES.departments), (department) => {
      company.departments.set(department.deptId, department);
      push(company.childrenOf, department.parentId, department);
    });
    await eachRow(join(folder, FILES.users), (user) => {
      company.users.set(user.userId, user);
      if (user.email) push(company.usersByEmail, user.email, user);
    });
    await eachRow(join(folder, FILES.memberships), ({ deptId, userId, leader, position, userPosition }) => {
      const [department, user] = [company.departments.get(deptId), company.users.get(userId)];
      const membership = { leader, position, userPosition, department, user };
      push(company.membersOf, deptId, membership);
      push(company.membershipsOf, userId, membership);
    });

    for (const list of company.childrenOf.values()) list.sort((a, b) => a.position - b.position);
    for (const list of company.membersOf.values()) list.sort((a, b) => a.position - b.position);
    for (const list of company.membershipsOf.values()) list.sort((a, b) => a.userPosition - b.userPosition);
    return company;
  }

  children(deptId) {
    return this.childrenOf.get(deptId) ?? [];
  }

  members(deptId) {
    return this.membersOf.get(deptId) ?? [];
  }

  memberships(userId) {
    return this.membershipsOf.get(userId) ?? [];
  }

  withEmail(email) {
    return this.usersByEmail.get(email) ?? [];
  }
}

/** Calls `take` with each object of a file; what it gives is waited for. */
export async function eachRow(file, take) {
  let rest = '';
  for await (const text of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const taken = take(JSON.parse(line));
      if (taken) await taken;
    }
  }
}

function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
