// Writes what the mirror holds for the rivals: one JSON object a line. Places in lists are counted here, by the orders
// that the API documents; that they are right is checked with every contender's answers.
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FILES } from '../rivals/company.mjs';

const DEPARTMENTS = `query ($after: String) { departments(first: 500, after: $after) {
  nodes { deptId name parentId order } pageInfo { hasNextPage endCursor } } }`;
const USERS = `query ($after: String) { users(first: 500, after: $after) {
  nodes { userId name title jobNumber email memberships(first: 20) { nodes { leader order department { deptId } } } }
  pageInfo { hasNextPage endCursor } } }`;

export async function exportCompany(mirror, folder) {
  mkdirSync(folder, { recursive: true });

  const departments = [];
  for await (const { order, ...department } of pages(mirror, DEPARTMENTS, 'departments')) {
    departments.push({ ...department, order: place(order) });
  }
  // Small orders first, and who has none last.
  const bySiblings = (a, b) => ascending(a.order, b.order) || Number(BigInt(a.deptId) - BigInt(b.deptId));
  departments.sort(bySiblings).forEach((department, position) => {
    department.position = position;
    delete department.order;
  });
  await write(folder, FILES.departments, departments);

  const memberships = [];
  const users = async function* () {
    for await (const { memberships: own, ...user } of pages(mirror, USERS, 'users')) {
      own.nodes.forEach(({ leader, order, department }, userPosition) =>
        memberships.push({ deptId: department.deptId, userId: user.userId, leader, order: place(order), userPosition }),
      );
      yield user;
    }
  };
  await write(folder, FILES.users, users());

  // Large orders first; among equals the userid decides, by its bytes.
  const byMembers = (a, b) => descending(a.order, b.order) || (a.userId < b.userId ? -1 : 1);
  memberships.sort(byMembers).forEach((membership, position) => {
    membership.position = position;
    delete membership.order;
  });
  await write(folder, FILES.memberships, memberships);
}

async function* pages(mirror, query, list) {
  let after = null;
  for (;;) {
    const page = (await mirror.ask(query, { after }))[list];
    yield* page.nodes;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
  }
}

async function write(folder, name, rows) {
  const file = createWriteStream(join(folder, name));
  for await (const row of rows) {
    if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

/** Orders are 64-bit numbers in strings, which numbers of this language would round. */
const place = (order) => (order === null ? null : BigInt(order));

function ascending(a, b) {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

function descending(a, b) {
  return a === null || b === null ? ascending(a, b) : ascending(b, a);
}
