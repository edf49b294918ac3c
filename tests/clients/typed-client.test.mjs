// A generated TypeScript client walks the tree, resolves ten Confluence users and sends a message that arrives.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { control, graphqlUrl, token, until } from './support/env.mjs';
import { generate } from './typed/generate.mjs';

/** States in which the engine has still something to do. */
const UNDER_WAY = ['QUEUED', 'SENDING'];

/** Active people who can be found by their address: it is theirs alone, as e-mail or as organisation e-mail. */
function withOwnAddress(people) {
  const owners = new Map();
  for (const { userId, email, orgEmail } of people) {
    for (const address of [email, orgEmail]) {
      if (!address) continue;
      const key = address.trim().toLowerCase();
      owners.set(key, (owners.get(key) ?? new Set()).add(userId));
    }
  }
  return people.filter(({ active, email }) => active && email && owners.get(email.trim().toLowerCase()).size === 1);
}

describe('a generated TypeScript client (graphql-codegen, strict)', { concurrency: 1 }, () => {
  let client;
  let found;

  before(async () => {
    const { DirectoryClient } = await generate();
    client = new DirectoryClient(graphqlUrl, token);
  });

  test('walks the tree in pages: every department once, and as many as the simulated company has', async () => {
    const tree = await client.tree('1', 7);
    const ids = new Set([tree.root, ...tree.departments].map((department) => department.deptId));
    assert.equal(ids.size, tree.departments.length + 1);
    assert.equal(ids.size, tree.departmentCount);
    for (const department of tree.departments) assert.ok(ids.has(department.parentId), `orphan ${department.deptId}`);

    const company = await control('directory');
    assert.deepEqual([...ids].sort(), company.departments.map((department) => String(department.dept_id)).sort());
  });

  test('reads everyone in pages, as many as the simulated company has', async () => {
    const people = await client.people(100);
    const company = await control('directory');
    assert.deepEqual(
      people.map((person) => person.userId).sort(),
      company.users.map((user) => user.userid).sort(),
    );
    found = withOwnAddress(people).slice(0, 10);
    assert.equal(found.length, 10);
  });

  test('resolves ten Confluence users by e-mail, in the order asked', async () => {
    const emails = found.map((person, at) => (at % 2 ? person.email.toUpperCase() : ` ${person.email} `));
    const resolutions = await client.resolve(emails);
    assert.deepEqual(
      resolutions.map(({ status, user }) => [status, user?.userId]),
      found.map(({ userId }) => ['MATCHED', userId]),
    );
    for (const { reason } of resolutions) assert.ok(reason.length > 0);
  });

  test('sends them a message once, though it asks twice, and the simulator has received it', async () => {
    const text = `发布计划 ${randomUUID()}: you were mentioned`;
    const key = randomUUID();
    const emails = found.map((person) => person.email);
    const first = await client.send(emails, text, key);
    assert.deepEqual(first.userErrors, []);
    assert.equal(first.replayed, false);
    const again = await client.send(emails, text, key);
    assert.equal(again.replayed, true);
    assert.equal(again.message.id, first.message.id);

    const outcome = await until('all recipients to have an outcome', async () => {
      const recipients = await client.outcome(first.message.id);
      return recipients.every(({ state }) => !UNDER_WAY.includes(state)) && recipients;
    });
    assert.deepEqual(
      outcome.map(({ userId }) => userId),
      found.map(({ userId }) => userId),
    );
    for (const { state, reason } of outcome) {
      assert.ok(['ACCEPTED', 'DELIVERED_UNREAD', 'READ'].includes(state), `${state}: ${reason}`);
    }

    const mine = (await control('messages')).tasks.filter((message) => JSON.stringify(message.msg).includes(text));
    assert.equal(mine.length, 1, `received ${mine.length} times`);
    assert.deepEqual(
      mine[0].receivers.map((receiver) => receiver.userid).sort(),
      found.map(({ userId }) => userId).sort(),
    );
  });
});
