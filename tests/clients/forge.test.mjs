// The Forge app of examples/: it type-checks, its manifest is one by Atlassian's own judgement, and its resolver, as it
// would be deployed, runs against the server with tokens that a key of the tests signs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, validate } from 'graphql';
import { control, graphqlUrl, query, serverUrl } from './support/env.mjs';
import { appFolder, appId, invocationToken } from './support/forge.mjs';
import { run } from './support/programs.mjs';
import { readSchema } from './support/schema.mjs';

const built = fileURLToPath(new URL('./generated/forge/', import.meta.url));
const tool = (name) => `${appFolder}node_modules/.bin/${name}`;

/** The one in Confluence who uses the app. */
const ACCOUNT = '557058:0e7d1f5a-2b51-4d0a-8e54-9c5a1b7d3f62';

/** What Forge's runtime would answer, of which `@forge/api` asks everything by one global function. */
class Platform {
  /** What Confluence says of whoever is signed in. */
  user = { accountId: ACCOUNT, email: '', displayName: 'Anna' };
  confluence = { status: 200 };
  /** Claims of the tokens that differ from what they should be. */
  claims = {};
  /** What answers in the place of the server. */
  remote = undefined;
  /** The bodies that went out to the remote. */
  sent = [];

  async fetch(target, path, init) {
    if (target.type === 'fpp') {
      assert.deepEqual([target.provider, path], ['user', '/wiki/rest/api/user/current']);
      return Response.json(this.user, this.confluence);
    }
    assert.deepEqual([target.type, target.remote, path, init.method], ['frc', 'dingmirror', '/graphql', 'POST']);
    this.sent.push(JSON.parse(init.body));
    if (this.remote) return this.remote();
    const authorization = `Bearer ${invocationToken(process.env.FORGE_TESTS_KEY_FILE, this.claims)}`;
    return fetch(`${serverUrl}${path}`, { ...init, headers: { ...init.headers, authorization } });
  }
}

before(() => {
  run(fileURLToPath(new URL('../../scripts/npm-ci', import.meta.url)), [appFolder]);
});

describe('examples/forge as it lies there', () => {
  test('type-checks, strictly', () => {
    run(tool('tsc'), ['--noEmit'], { cwd: appFolder });
  });

  test('has a page that can be built, and says every element that its script looks for', () => {
    const script = `${built}page.js`;
    run(tool('esbuild'), ['page/main.ts', '--bundle', `--outfile=${script}`, '--log-level=warning'], { cwd: appFolder });
    const ids = [...readFileSync(`${appFolder}page/main.ts`, 'utf8').matchAll(/element\('(\w+)'/g)].map(([, id]) => id);
    assert.ok(ids.length >= 5);
    const page = readFileSync(`${appFolder}static/index.html`, 'utf8');
    for (const id of ids) assert.match(page, new RegExp(`id="${id}"`));
  });

  test('has a manifest that Forge takes, by the rules that `forge lint` looks at', () => {
    const rules = "require('@forge/manifest').validate(false, 'manifest.yml').then((told) => console.log(JSON.stringify(told.errors)))";
    assert.deepEqual(JSON.parse(run(process.execPath, ['-e', rules], { cwd: appFolder })), []);
    assert.match(appId, /^ari:cloud:ecosystem::app\/[0-9a-f-]{36}$/);
  });
});

describe("examples/forge's resolver against the server", { concurrency: 1 }, () => {
  const platform = new Platform();
  const quiet = console.error;
  let handler;
  let documents;
  let people;

  /** What the page gets for a call. */
  const call = (functionKey, payload, principal = { accountId: ACCOUNT }) =>
    handler({ call: { functionKey, payload }, context: {} }, { principal });

  const received = async (text) =>
    (await control('messages')).tasks.filter((message) => JSON.stringify(message.msg).includes(text));

  before(async () => {
    const bundle = (name, ...options) =>
      run(tool('esbuild'), [`src/${name}.ts`, '--bundle', '--platform=node', '--format=cjs', '--log-level=warning', `--outfile=${built}${name}.cjs`, ...options], { cwd: appFolder });
    ['index', 'dingmirror'].forEach((name) => bundle(name));
    const load = createRequire(import.meta.url);
    globalThis.__forge_fetch__ = (...args) => platform.fetch(...args);
    ({ handler } = load(`${built}index.cjs`));
    const { ME, SEND } = load(`${built}dingmirror.cjs`);
    documents = { ME, SEND };
    // What is refused the app logs.
    console.error = () => {};

    const { users } = await query('{ users(first: 500) { nodes { userId name active email orgEmail } } }');
    const addresses = users.nodes.flatMap(({ email, orgEmail }) => [...new Set([email, orgEmail])].filter(Boolean));
    const count = (address) => addresses.filter((other) => other.toLowerCase() === address.toLowerCase()).length;
    people = users.nodes.filter(({ active, email }) => active && email && count(email) === 1).slice(40, 42);
    assert.equal(people.length, 2);
  });

  after(() => {
    console.error = quiet;
    delete globalThis.__forge_fetch__;
  });

  beforeEach(() => {
    Object.assign(platform, new Platform());
    platform.user.email = people[0].email;
  });

  test('its documents are valid by schema.graphql', () => {
    for (const [name, document] of Object.entries(documents)) {
      assert.deepEqual(validate(readSchema(), parse(document)), [], name);
    }
  });

  test('finds who is signed in by their email address', async () => {
    const [{ userId, name }] = people;
    const me = await call('me');
    assert.deepEqual([me.name, me.status, me.dingtalk], ['Anna', 'MATCHED', { userId, name }]);
    assert.ok(me.reason.length > 0);
  });

  test('says so where nobody has the address, and where Confluence hides it', async () => {
    for (const email of ['nobody@nowhere.example', '']) {
      platform.user.email = email;
      const me = await call('me');
      assert.deepEqual([me.status, me.dingtalk], ['UNMATCHED', null], JSON.stringify(me));
      assert.ok(me.reason.length > 0);
    }
  });

  test('sends the test once, however often the page looks again', async () => {
    const attempt = randomUUID();
    const first = await call('sendTest', { attempt });
    assert.ok(['QUEUED', 'SENDING', 'ACCEPTED'].includes(first.state), JSON.stringify(first));

    const deadline = Date.now() + 60_000;
    let last = first;
    while (!['DELIVERED_UNREAD', 'READ'].includes(last.state)) {
      assert.ok(Date.now() < deadline, JSON.stringify(last));
      await new Promise((resolve) => setTimeout(resolve, 300));
      last = await call('sendTest', { attempt });
      assert.equal(last.refused, undefined);
    }

    const [message, ...more] = await received(attempt.slice(0, 8));
    assert.deepEqual(more, []);
    assert.deepEqual(
      message.receivers.map(({ userid }) => userid),
      [people[0].userId],
    );
  });

  test('the page chooses neither the person nor the text', async () => {
    const attempt = randomUUID();
    const foreign = { attempt, accountId: 'x', email: people[1].email, userIds: [people[1].userId], text: 'mine', content: 'mine' };
    await call('sendTest', foreign);
    const [{ variables }] = platform.sent;
    assert.deepEqual(variables.input.recipients, {
      identities: [{ accountId: ACCOUNT, email: people[0].email, displayName: 'Anna' }],
    });
    assert.doesNotMatch(JSON.stringify(variables), /mine/);

    platform.sent = [];
    for (const wrong of [undefined, 7, '', 'x', `${attempt} and more`, { toString: () => attempt }]) {
      const { refused } = await call('sendTest', { attempt: wrong });
      assert.match(refused, /no number of its own/);
    }
    assert.deepEqual(platform.sent, []);
  });

  test('asks nothing for somebody who is not signed in, or whom Confluence calls another', async () => {
    for (const principal of [null, {}, { accountId: '' }]) {
      const { refused } = await call('me', undefined, principal);
      assert.match(refused, /Sign in/);
    }
    platform.user.accountId = 'somebody else';
    assert.match((await call('me')).refused, /somebody else/);
    platform.confluence = { status: 403 };
    assert.match((await call('sendTest', { attempt: randomUUID() })).refused, /HTTP 403/);
    assert.deepEqual(platform.sent, []);
  });

  test("is refused by the server with another app's token, or one that has ended", async () => {
    const past = Math.floor(Date.now() / 1000) - 3600;
    for (const claims of [{ aud: `${appId}0` }, { exp: past, nbf: past - 25, iat: past - 25 }, { iss: 'forge/other' }]) {
      platform.claims = claims;
      const answer = await call('me');
      assert.deepEqual(Object.keys(answer), ['refused'], JSON.stringify(claims));
      assert.match(answer.refused, /token/);
    }
  });

  test('shows no words of a proxy that answers in the place of the server', async () => {
    platform.remote = () => new Response('<h1>Bad Gateway</h1> secret-host', { status: 502 });
    assert.deepEqual(await call('me'), { refused: 'dingmirror did not answer: HTTP 502' });
    platform.remote = () => new Response('null', { status: 200 });
    assert.deepEqual(await call('me'), { refused: 'dingmirror did not answer: HTTP 200' });
    platform.remote = () => {
      throw new Error('the remote is away');
    };
    assert.deepEqual(await call('me'), { refused: 'the remote is away' });
  });

  test('opens what the configuration says, and no more', async () => {
    const authorization = `Bearer ${invocationToken(process.env.FORGE_TESTS_KEY_FILE)}`;
    const response = await fetch(graphqlUrl, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { permissions } users(first: 1) { nodes { mobile } } settings { version } }' }),
    });
    const { data, errors } = await response.json();
    assert.deepEqual([...data.viewer.permissions].sort(), ['IDENTITY_READ', 'MESSAGE_SEND']);
    for (const field of ['users', 'settings']) {
      assert.ok(errors.some(({ path, extensions }) => path[0] === field && extensions.code === 'FORBIDDEN'), field);
    }
  });
});
