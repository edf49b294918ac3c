// examples/DingmirrorClient.java against a server that misbehaves: it ends in time, says what is wrong in one line, repeats
// what repeating can mend, and never sends twice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { data, first, html, json, misbehaving, outcome, text } from './support/misbehaving.mjs';
import { run } from './support/programs.mjs';

const program = fileURLToPath(new URL('../../examples/DingmirrorClient.java', import.meta.url));
/** Four attempts and their pauses take 50 s at most; the rest is a busy machine's. */
const PATIENCE = 120_000;

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dingmirror-java-'));
  run('javac', ['--release', '17', '-d', folder, program]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a class to its end; one that hangs is stopped, and fails. */
async function java(main, args) {
  const child = spawn('java', ['-Xmx96m', '-XX:TieredStopAtLevel=1', '-cp', folder, main, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const [status, signal] = await once(child, 'close');
  clearTimeout(timer);
  assert.equal(signal, null, `it hung: ${stdout}${stderr}`);
  return { status, stdout, stderr };
}

/** `timeout`: seconds of an attempt; the JVM's first one is slow on a busy machine. */
async function told(plan, args = [], timeout = 10) {
  const server = await misbehaving(plan);
  try {
    const common = ['--url', server.url, '--api-key', 't', '--timeout', `${timeout}`, '--wait', '1', '--key', 'k'];
    const answer = await java('DingmirrorClient', [...common, ...(args.includes('--text') ? [] : ['--text', 'x']), ...args, 'anna@x.example']);
    assert.doesNotMatch(answer.stderr, /\tat |Exception in thread/, 'a stack trace is no message');
    return { ...answer, calls: server.calls };
  } finally {
    server.close();
  }
}

const recipient = (state, rest) => ({ position: 0, userId: 'u1', state, reason: null, prediction: null, ...rest });
const becomes = (...nodes) => data(outcome(nodes));
const stall = () => {};
const head = { 'content-type': 'application/json' };

/** name, what is done to the first operation, exit code, what it says, calls (2: mended by repeating; 4: given up), seconds. */
const BROKEN = [
  ['closes the connection without an answer', (request) => request.socket.destroy(), 2, /^failed: UNREACHABLE: /, 4],
  ['closes it once', first((request) => request.socket.destroy()), 0, /^$/, 2],
  ['never answers', stall, 2, /^failed: TIMEOUT: .+ after 1 s/, 4, 1],
  ['sends the head and then nothing', (_, response) => response.writeHead(200, head).flushHeaders(), 2, /^failed: TIMEOUT: /, 4, 1],
  ['stalls in the middle of the body, once', first((_, response) => response.writeHead(200, head).write('{"data":')), 0, /^$/, 2],
  [
    'sends a byte now and then',
    (_, response) => {
      response.writeHead(200, head);
      const timer = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(timer));
    },
    2,
    /^failed: TIMEOUT: /,
    4,
    1,
  ],
  [
    'promises more than it sends',
    (request, response) => {
      response.writeHead(200, { ...head, 'content-length': 1000 }).write('{"data":{}}');
      setTimeout(() => request.socket.destroy(), 50);
    },
    2,
    /^failed: UNREACHABLE: /,
    4,
  ],
  ['is a proxy with a 502 in HTML', html(502), 2, /^failed: UNREACHABLE: HTTP 502 without GraphQL/, 4],
  ['is a 502 with another JSON', json({ message: 'bad gateway' }, 502), 2, /^failed: UNREACHABLE: HTTP 502/, 4],
  ['is a 502 with a list', json([], 502), 2, /^failed: UNREACHABLE: HTTP 502/, 4],
  ['is a 502 with null, once', first(json(null, 502)), 0, /^$/, 2],
  ['is a 502 with errors of its own', json({ errors: [{ title: 'no upstream' }] }, 502), 2, /^failed: UNREACHABLE: HTTP 502/, 4],
  ['is a 502 whose errors are a sentence', json({ errors: 'no upstream' }, 502), 2, /^failed: UNREACHABLE: HTTP 502/, 4],
  ['is a 503 without a body, for a second', first(text('', 503, { 'retry-after': '1' })), 0, /^$/, 2],
  ['is a 429 in HTML, once', first(html(429)), 0, /^$/, 2],
  ['is a 429 until a date', first(html(429, { 'retry-after': 'Sat, 28 Nov 2026 15:00:00 GMT' })), 0, /^$/, 2],
  ['is a 429 until tomorrow', html(429, { 'retry-after': '86400' }), 2, /^failed: RATE_LIMITED: HTTP 429/, 1],
  ['is a 429 with an absurd delay', html(429, { 'retry-after': '9223372036854775807' }), 2, /^failed: RATE_LIMITED: /, 1],
  ['is a 408', first(html(408)), 0, /^$/, 2],
  ['wants another login', html(401), 2, /^failed: UNAUTHENTICATED: HTTP 401/, 1],
  ['forbids it in HTML', html(403), 2, /^failed: FORBIDDEN: HTTP 403/, 1],
  ['redirects', text('', 302, { location: 'http://127.0.0.1:9/' }), 2, /^failed: BAD_RESPONSE: HTTP 302 .+ redirection/, 1],
  ['shows a login form with 200', html(200), 2, /^failed: BAD_RESPONSE: HTTP 200 without GraphQL/, 1],
  ['answers 200 with an empty object', json({}), 2, /^failed: BAD_RESPONSE: /, 1],
  ['answers 200 with null data', json({ data: null }), 2, /^failed: BAD_RESPONSE: /, 1],
  ['answers 200 with nothing', text(''), 2, /^failed: BAD_RESPONSE: /, 1],
  ['answers with half a JSON', text('{"data":{"resolve":['), 2, /^failed: BAD_RESPONSE: /, 1],
  ['nests a hundred thousand lists', text('['.repeat(100_000)), 2, /^failed: BAD_RESPONSE: /, 1],
  ['answers without an end', (_, response) => flood(response), 2, /^failed: BAD_RESPONSE: the answer is too large/, 1],
  ['is no UTF-8', text(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 2, /^failed: BAD_RESPONSE: /, 1],
  ['leaves an answer out', data({ resolve: [] }), 2, /^failed: BAD_RESPONSE: `resolve`/, 1],
  ['answers with null for a person', data({ resolve: [null] }), 2, /^failed: BAD_RESPONSE: `resolve`/, 1],
  ['answers with a number for a status', data({ resolve: [{ status: 7, candidates: [] }] }), 2, /^failed: BAD_RESPONSE: `status`/, 1],
  ['says INTERNAL_ERROR once', first(json({ errors: [{ message: 'm', extensions: { code: 'INTERNAL_ERROR' } }] })), 0, /^$/, 2],
  ['says BAD_USER_INPUT', json({ errors: [{ message: 'm', extensions: { code: 'BAD_USER_INPUT' } }] }), 2, /^failed: BAD_USER_INPUT: m/, 1],
];

/** Writes until the reader has enough. */
function flood(response) {
  response.writeHead(200, head);
  const part = Buffer.alloc(1024 * 1024, 0x20);
  const more = () => {
    while (!response.destroyed && response.write(part));
  };
  response.on('drain', more);
  more();
}

describe('DingmirrorClient.java and a server that', { concurrency: 4 }, () => {
  for (const [name, resolve, status, says, calls, timeout] of BROKEN) {
    test(name, async () => {
      const answer = await told({ resolve }, [], timeout);
      assert.equal(answer.status, status, answer.stdout + answer.stderr);
      assert.match(answer.stderr, says);
      // With a second for each an attempt may end before the request is there.
      const least = timeout === undefined ? calls : 1;
      assert.ok(answer.calls.resolve.length >= least && answer.calls.resolve.length <= calls, `${answer.calls.resolve.length}`);
      if (status === 0) assert.match(answer.stdout, /outcome 0 u1: READ \(read\)/);
    });
  }

  test('takes a message and says nothing: the same key again, and one message', async () => {
    const answer = await told({ send: first(stall, html(502)) }, [], 3);
    assert.equal(answer.status, 0, answer.stderr);
    assert.deepEqual(new Set(answer.calls.send.map(({ variables }) => variables.input.idempotencyKey)), new Set(['k']));
  });

  test('answers sendMessage with null', async () => {
    const { status, stderr, calls } = await told({ send: data({ sendMessage: null }) });
    assert.deepEqual([status, calls.send.length], [2, 1]);
    assert.match(stderr, /^failed: BAD_RESPONSE: `sendMessage`/);
  });

  test('leads from a page to the same page for ever', async () => {
    const endless = data(outcome([], { pageInfo: { hasNextPage: true, endCursor: 'again' } }));
    const { status, stderr } = await told({ outcome: endless });
    assert.equal(status, 2);
    assert.match(stderr, /^failed: BAD_RESPONSE: `endCursor`/);
  });

  test('may not show the recipients', async () => {
    const { status, stderr } = await told({ outcome: data({ message: { followUp: 'ON', recipients: null } }) });
    assert.equal(status, 2);
    assert.match(stderr, /^failed: BAD_RESPONSE: `recipients`/);
  });

  test('has a position that is no place', async () => {
    const { status, stderr } = await told({ outcome: becomes(recipient('READ', { position: 1e300 })) });
    assert.equal(status, 2);
    assert.match(stderr, /^failed: BAD_RESPONSE: `position`/);
  });
});

describe('DingmirrorClient.java tells what became of a message:', { concurrency: 4 }, () => {
  test('it waits for the result behind ACCEPTED', async () => {
    const answer = await told({ outcome: first(becomes(recipient('QUEUED')), becomes(recipient('ACCEPTED'))) });
    assert.equal(answer.status, 0, answer.stdout);
    assert.equal(answer.calls.outcome.length, 3);
  });

  test('what DingTalk drops is not reached', async () => {
    const dropped = becomes(recipient('DROPPED_DUPLICATE', { reason: '143106' }));
    const { status, stdout } = await told({ outcome: first(becomes(recipient('ACCEPTED')), dropped, dropped) });
    assert.equal(status, 1, stdout);
    assert.match(stdout, /outcome 0 u1: DROPPED_DUPLICATE \(DingTalk drops the same text .+: 143106\)/);
  });

  test('what is not known after the stated time is told as not known: exit code 3', async () => {
    const { status, stdout } = await told({ outcome: becomes(recipient('ACCEPTED', { prediction: 'DUPLICATE' })) });
    assert.equal(status, 3, stdout);
    assert.match(stdout, /ACCEPTED \(DingTalk has taken it and not said yet whether it arrived, and is expected to drop it: this person had the same text today\)/);
    assert.match(stdout, /not known after 1 s: .+ message m1 again later, and do not send again/);
  });

  test('without follow-up it does not wait, and says what has to be set', async () => {
    const answer = await told({ outcome: data(outcome([recipient('ACCEPTED')], { followUp: 'OFF' })) }, ['--wait', '60']);
    assert.deepEqual([answer.status, answer.calls.outcome.length], [3, 1]);
    assert.match(answer.stdout, /getSendResultUrl is not set/);
  });

  test('a state that it does not know is not known', async () => {
    const { status, stdout } = await told({ outcome: becomes(recipient('NEW_ONE')) });
    assert.equal(status, 3);
    assert.match(stdout, /outcome 0 u1: NEW_ONE \(NEW_ONE: no reason given\)/);
  });

  test('notices are passed on', async () => {
    const sent = { replayed: false, notices: ['1 person had this text today.'], message: { id: 'm1' }, userErrors: [] };
    const { status, stdout } = await told({ send: data({ sendMessage: sent }) });
    assert.equal(status, 0);
    assert.match(stdout, /^notice 1 person had this text today\.$/m);
  });
});

describe('DingmirrorClient.java, called by a plugin', () => {
  test('mends half an emoji, and sends a whole one as it is', async () => {
    const source = `class Emoji { public static void main(String[] a) throws Exception {
      var transport = new DingmirrorClient.Transport(a[0], "t", java.time.Duration.ofSeconds(5));
      var anna = new DingmirrorClient.Identity("anna", null, null, null, null);
      new DingmirrorClient.Dingmirror(transport).sendText(java.util.List.of(anna), "whole \\ud83d\\ude00 half \\ud83d", "k"); } }`;
    writeFileSync(join(folder, 'Emoji.java'), source);
    run('javac', ['-cp', folder, '-d', folder, join(folder, 'Emoji.java')]);
    const server = await misbehaving({});
    try {
      assert.deepEqual((await java('Emoji', [server.url])).stderr, '');
      const [call] = server.calls.send;
      assert.equal(call.variables.input.content.text.content, 'whole 😀 half \ufffd');
      assert.ok(call.bytes.equals(Buffer.from(call.raw)), 'the body is UTF-8');
    } finally {
      server.close();
    }
  });

  test('refuses to send without a key, which would be two messages after a time-out', async () => {
    const source = `class Keyless { public static void main(String[] a) throws Exception {
      var transport = new DingmirrorClient.Transport(a[0], "t", java.time.Duration.ofSeconds(5));
      var anna = new DingmirrorClient.Identity("anna", null, null, null, null);
      for (String key : new String[] { null, " " }) try {
        new DingmirrorClient.Dingmirror(transport).sendText(java.util.List.of(anna), "x", key);
      } catch (IllegalArgumentException e) { System.out.println(e.getMessage()); } } }`;
    writeFileSync(join(folder, 'Keyless.java'), source);
    run('javac', ['-cp', folder, '-d', folder, join(folder, 'Keyless.java')]);
    const server = await misbehaving({});
    try {
      const { stdout } = await java('Keyless', [server.url]);
      assert.match(stdout, /^(sendText needs an idempotency key: .+\n){2}$/);
      assert.equal(server.calls.send.length, 0);
    } finally {
      server.close();
    }
  });

  test('names an address, an API key, a time and a key that cannot be used', async () => {
    const rest = ['--text', 'x', 'anna'];
    for (const [args, says] of [
      [['--url', 'localhost:8080', '--api-key', 't'], /^the server's address or the API key/],
      [['--url', 'http://127.0.0.1:9', '--api-key', 'a\nb'], /^the server's address or the API key/],
      [['--url', 'http://127.0.0.1:9', '--api-key', 't', '--wait', 'long'], /^--wait is a number of seconds, 0 to 86400/],
      [['--url', 'http://127.0.0.1:9', '--api-key', 't', '--timeout', '0'], /^--timeout is a number of seconds, 1 to/],
      [['--url', 'http://127.0.0.1:9', '--api-key', 't', '--key', ' '], /^--key is blank/],
    ]) {
      const { status, stderr } = await java('DingmirrorClient', [...args, ...rest]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /\tat /);
    }
  });
});
