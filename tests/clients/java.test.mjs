// The single-file Java program of examples/, as a Confluence plugin author would run it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { control, ownEnvironment, query, serverUrl } from './support/env.mjs';
import { run } from './support/programs.mjs';

const program = fileURLToPath(new URL('../../examples/DingmirrorClient.java', import.meta.url));

/** The key that the program is given, as an administrator makes one for a plugin. */
let apiKey;

async function makeKey() {
  const { createApiKey } = await query(
    `mutation ($expiresAt: DateTime!) {
      createApiKey(input: {
        name: "confluence", expiresAt: $expiresAt, permissions: [IDENTITY_READ, MESSAGE_SEND, MESSAGE_READ, DIRECTORY_READ]
      }) { secret userErrors { message } }
    }`,
    { expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
  );
  assert.deepEqual(createApiKey.userErrors, []);
  return createApiKey.secret;
}

function java(...args) {
  // Nothing that it could mint a token with, or call as somebody else.
  const env = { ...ownEnvironment(), DINGMIRROR_URL: serverUrl, DINGMIRROR_API_KEY: apiKey };
  const { status, stdout, stderr } = spawnSync('java', [program, ...args], { env, encoding: 'utf8' });
  return { status, stdout, stderr, lines: stdout.trim().split('\n') };
}

async function received(text) {
  return (await control('messages')).tasks.filter((message) => JSON.stringify(message.msg).includes(text)).length;
}

/** A server that answers `resolve` as it is told, for statuses that can't be brought about at will. */
async function answering(resolutions) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const data = body.includes('resolve(')
      ? { resolve: resolutions }
      : { sendMessage: { replayed: false, message: null, userErrors: [{ code: 'OTHER', field: [], message: 'enough' }] } };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ data }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('examples/DingmirrorClient.java', { concurrency: 1 }, () => {
  let people;

  before(async () => {
    apiKey = await makeKey();
    const { users } = await query('{ users(first: 500) { nodes { userId active email orgEmail } } }');
    const addresses = users.nodes.flatMap(({ email, orgEmail }) => [...new Set([email, orgEmail])].filter(Boolean));
    const count = (address) => addresses.filter((other) => other.toLowerCase() === address.toLowerCase()).length;
    people = users.nodes.filter(({ active, email }) => active && email && count(email) === 1).slice(20, 22);
    assert.equal(people.length, 2);
  });

  test('compiles with every warning an error', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dingmirror-java-'));
    try {
      run('javac', ['-Xlint:all', '-Werror', '--release', '17', '-d', folder, program]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('reaches everyone: exit code 0, and a second run with the same key sends nothing', async () => {
    const text = `Java ${randomUUID()} "引号" \\ 😀`;
    const marker = text.slice(0, 41);
    const key = `java-${randomUUID()}`;
    const args = ['--key', key, '--text', text, ...people.map(({ email }) => email)];

    const first = java(...args);
    assert.equal(first.status, 0, first.stdout + first.stderr);
    people.forEach(({ email, userId }, at) => {
      assert.ok(first.lines[at].startsWith(`resolve ${email}: MATCHED ${userId} `), first.stdout);
      assert.match(first.lines[3 + at], new RegExp(`^outcome ${at} ${userId}: (ACCEPTED|DELIVERED_UNREAD|READ) `));
    });

    const second = java(...args);
    assert.equal(second.status, 0, second.stdout + second.stderr);
    assert.equal(second.lines[2], `${first.lines[2]} (replayed)`);
    assert.equal(await received(marker), 1);
  });

  test('says for each recipient what became of it: one reached, one nobody knows: exit code 1', () => {
    const { status, lines, stdout } = java('--text', `Java ${randomUUID()}`, people[0].email, 'nobody=nobody@nowhere.example');
    assert.equal(status, 1, stdout);
    assert.match(lines[1], /^resolve nobody: UNMATCHED - \(nobody in DingTalk fits: .+\) -> MAIL_AND_ADMINISTRATOR$/);
    assert.match(lines[4], /^outcome 1 -: UNMATCHED \(no DingTalk user: .+\)$/);
  });

  test('shows what a plugin does with each status, and with one that it does not know', async () => {
    const user = { userId: 'u1' };
    const answer = (status, rest) => ({ status, rule: null, reason: `It is ${status}.`, user: null, candidates: [], ...rest });
    const table = [
      [answer('MATCHED', { user, rule: 'EMAIL' }), 'MATCHED u1 (will be reached, by the rule EMAIL) -> DINGTALK'],
      [answer('UNMATCHED'), 'UNMATCHED - (nobody in DingTalk fits: It is UNMATCHED.) -> MAIL_AND_ADMINISTRATOR'],
      [
        answer('AMBIGUOUS', { rule: 'JOB_NUMBER', candidates: [user, { userId: 'u2' }] }),
        'AMBIGUOUS - (several fit, an administrator has to choose out of u1, u2: It is AMBIGUOUS.) -> MAIL_AND_ADMINISTRATOR',
      ],
      [
        answer('INACTIVE', { user, rule: 'EMAIL' }),
        'INACTIVE u1 (has no active DingTalk account: It is INACTIVE.) -> MAIL',
      ],
      [
        answer('INACTIVE', { user, rule: 'LINK' }),
        'INACTIVE u1 (has no active DingTalk account: It is INACTIVE.) -> MAIL_AND_ADMINISTRATOR',
      ],
      [
        answer('HELD', { user, rule: 'EMAIL' }),
        'HELD u1 (may have left the company, the removal awaits review: It is HELD.) -> DINGTALK_AND_ADMINISTRATOR',
      ],
      [answer('NEW_ONE'), 'NEW_ONE - (NEW_ONE: It is NEW_ONE.) -> MAIL_AND_ADMINISTRATOR'],
    ];
    const server = await answering(table.map(([resolution]) => resolution));
    try {
      const names = table.map((_, at) => `name${at}`);
      const url = `http://127.0.0.1:${server.address().port}`;
      const child = spawn('java', [program, '--url', url, '--api-key', 't', '--text', 'x', ...names]);
      let stdout = '';
      child.stdout.on('data', (chunk) => (stdout += chunk));
      const [status] = await once(child, 'close');
      assert.equal(status, 2, 'sending was refused');
      const expected = table.map(([, line], at) => `resolve name${at}: ${line}`);
      assert.deepEqual(stdout.trim().split('\n'), expected);
    } finally {
      server.close();
    }
  });

  test('names what is wrong with the text: exit code 2', () => {
    const { status, stderr } = java('--text', 'x'.repeat(3000), people[0].email);
    assert.equal(status, 2);
    assert.match(stderr, /^failed: TOO_LONG: \[input, content\] .*2048/);
  });

  test('names what is wrong with the key, at once: exit code 2', () => {
    const { status, stderr } = java('--api-key', `${apiKey}0`, '--text', 'x', people[0].email);
    assert.equal(status, 2);
    assert.match(stderr, /^failed: UNAUTHENTICATED: the API key is not taken/);
  });

  test('explains itself when called wrongly: exit code 2', () => {
    const { status, stderr } = java('--txt', 'x');
    assert.equal(status, 2);
    assert.match(stderr, /unknown option --txt\nusage: /);
  });
});
