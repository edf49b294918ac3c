// GraphQL over WebSocket: the published `graphql-transport-ws` protocol, point by point, on raw sockets.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { readerToken, reissue, serverUrl, token } from './support/env.mjs';
import { Peer } from './support/peer.mjs';

const PROGRESS = 'subscription { syncProgress { id state } }';
const START = 'mutation { startSync(input: {}) { run { id } userErrors { message } } }';

const open = [];
const peerWith = async (opening) => {
  const peer = await opening;
  open.push(peer);
  return peer;
};
const ready = (as) => peerWith(Peer.ready(as));
const fresh = (options) => peerWith(Peer.open(options));

async function assertCloses(peer, code) {
  assert.equal((await peer.closure()).code, code);
}

/** Every next of one operation carries data; the last message is complete. */
function assertAnswer(messages, id) {
  assert.deepEqual(
    messages.map((message) => message.type),
    ['next', 'complete'],
  );
  assert.equal(messages[0].id, id);
  return messages[0].payload;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((peer) => peer.end()));
});

describe('graphql-transport-ws: the protocol', { concurrency: 1 }, () => {
  test('1. connection_init is answered by connection_ack, before anything else, under the sub-protocol asked for', async () => {
    const peer = await fresh();
    assert.equal(peer.protocol, 'graphql-transport-ws');
    peer.init(token);
    assert.equal((await peer.next()).type, 'connection_ack');
  });

  test('2. a connection without an acceptable sub-protocol is refused (4406, or the upgrade with a 4xx)', async () => {
    for (const protocols of [[], ['graphql-ws']]) {
      let peer;
      try {
        peer = await fresh({ protocols });
      } catch (error) {
        // `ws` itself gives up when the server selects none of the protocols it offered.
        assert.match(error.message, /HTTP 4\d\d|no subprotocol/i);
        continue;
      }
      await assertCloses(peer, 4406);
    }
  });

  test('3. a connection that does not initialise is closed with 4408 after ten seconds', async () => {
    const peer = await fresh();
    const began = Date.now();
    assert.equal((await peer.closure(15_000)).code, 4408);
    const waited = Date.now() - began;
    assert.ok(waited > 8_000 && waited < 13_000, `closed after ${waited} ms`);
  });

  test('4. subscribe before connection_ack closes with 4401', async () => {
    const peer = await fresh();
    peer.subscribe('1', '{ __typename }');
    await assertCloses(peer, 4401);
  });

  test('5. a second connection_init closes with 4429', async () => {
    const peer = await ready();
    peer.init(token);
    await assertCloses(peer, 4429);
  });

  test('6. subscribe with the id of a running operation closes with 4409', async () => {
    const peer = await ready();
    peer.subscribe('same', PROGRESS);
    peer.subscribe('same', PROGRESS);
    await assertCloses(peer, 4409);
  });

  test('7. a message of an unknown type closes with 4400', async () => {
    const peer = await ready();
    peer.send({ type: 'hello' });
    await assertCloses(peer, 4400);
  });

  test('8. a message that is not a JSON object closes with 4400', async () => {
    for (const garbage of ['not json', '[]', '"text"', '{"no":"type"}']) {
      const peer = await ready();
      peer.send(garbage);
      await assertCloses(peer, 4400);
    }
  });

  test('9. subscribe without an id, a payload or a query closes with 4400', async () => {
    const malformed = [
      { type: 'subscribe', payload: { query: '{ __typename }' } },
      { type: 'subscribe', id: '1' },
      { type: 'subscribe', id: '1', payload: {} },
      { type: 'subscribe', id: '1', payload: { query: 7 } },
      { type: 'subscribe', id: 1, payload: { query: '{ __typename }' } },
    ];
    for (const message of malformed) {
      const peer = await ready();
      peer.send(message);
      await assertCloses(peer, 4400);
    }
  });

  test('10. ping is answered by pong, before and after connection_init', async () => {
    const peer = await fresh();
    peer.send({ type: 'ping' });
    assert.equal((await peer.next()).type, 'pong');
    peer.init(token);
    assert.equal((await peer.next()).type, 'connection_ack');
    peer.send({ type: 'ping', payload: { any: 'thing' } });
    assert.equal((await peer.next()).type, 'pong');
  });

  test('11. a pong that nobody asked for is taken in silence', async () => {
    const peer = await ready();
    peer.send({ type: 'pong' });
    peer.send({ type: 'pong', payload: {} });
    assert.deepEqual(await peer.flush(), []);
  });

  test('12. a query gets one next, then complete, and its id is free again', async () => {
    const peer = await ready();
    for (let round = 0; round < 2; round += 1) {
      peer.subscribe('q', 'query Q($id: BigInt!) { department(deptId: $id) { name } }', {
        variables: { id: '1' },
        operationName: 'Q',
      });
      const { data, errors } = assertAnswer(await peer.finish('q'), 'q');
      assert.equal(errors, undefined);
      assert.ok(data.department.name);
    }
  });

  test('13. a mutation gets one next, then complete', async () => {
    const peer = await ready();
    peer.subscribe('m', START);
    const { data } = assertAnswer(await peer.finish('m'), 'm');
    assert.deepEqual(data.startSync.userErrors, []);
  });

  test('14. a subscription gets a next for each event', async () => {
    const peer = await ready();
    peer.subscribe('s', PROGRESS);
    await peer.flush();
    peer.subscribe('m', START);
    const events = [];
    while (events.length < 2) {
      const message = await peer.next(20_000);
      if (message.id === 's') events.push(message);
    }
    for (const event of events) {
      assert.equal(event.type, 'next');
      assert.ok(event.payload.data.syncProgress.id);
    }
  });

  test('15. complete by the client stops its operation, and no other', async () => {
    const peer = await ready();
    peer.subscribe('stopped', PROGRESS);
    peer.subscribe('goes on', PROGRESS);
    await peer.flush();
    peer.send({ id: 'stopped', type: 'complete' });
    await peer.flush();
    peer.subscribe('m', START);
    let heard = 0;
    while (heard < 2) {
      const message = await peer.next(20_000);
      assert.notEqual(message.id, 'stopped');
      if (message.id === 'goes on') heard += 1;
    }
    // The id is free again, and a complete for an operation that is over is no fault.
    peer.send({ id: 'stopped', type: 'complete' });
    peer.subscribe('stopped', '{ __typename }');
    assertAnswer(await peer.finish('stopped'), 'stopped');
  });

  test('16. a document that does not parse or is not valid gets error with a list, nothing after it, and the id is free', async () => {
    const peer = await ready();
    for (const query of ['{', '{ noSuchField }', 'query A { __typename } query B { __typename }']) {
      peer.subscribe('e', query);
      const messages = await peer.finish('e');
      assert.deepEqual(
        messages.map((message) => message.type),
        ['error'],
        query,
      );
      assert.ok(Array.isArray(messages[0].payload) && messages[0].payload[0].message, query);
      assert.deepEqual(await peer.flush(), [], query);
    }
  });

  test('17. operations run side by side on one connection', async () => {
    const peer = await ready();
    peer.subscribe('s', PROGRESS);
    const ids = Array.from({ length: 20 }, (_, at) => `q${at}`);
    for (const id of ids) peer.subscribe(id, `{ ${id}: __typename }`);
    const answers = new Map();
    const completed = new Set();
    while (completed.size < ids.length) {
      const message = await peer.next();
      if (message.id === 's') continue;
      if (message.type === 'next') answers.set(message.id, message.payload.data);
      else if (message.type === 'complete') completed.add(message.id);
      else assert.fail(JSON.stringify(message));
    }
    for (const id of ids) assert.deepEqual(answers.get(id), { [id]: 'Query' });
  });
});

describe('graphql-transport-ws: the rules of this house', { concurrency: 1 }, () => {
  test('a field that fails while it runs is a next with data and errors, then complete', async () => {
    const peer = await ready(readerToken);
    peer.subscribe('f', '{ settings { version } }');
    const { data, errors } = assertAnswer(await peer.finish('f'), 'f');
    assert.deepEqual(data, { settings: null });
    assert.equal(errors[0].extensions.code, 'FORBIDDEN');
  });

  test('a token that is not valid closes with 4403', async () => {
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    for (const bad of ['nonsense', `${token}x`, reissue(token, { exp: hourAgo })]) {
      const peer = await fresh();
      peer.init(bad);
      await assertCloses(peer, 4403);
    }
  });

  test('a token that runs out closes the connection with 4403', async () => {
    const peer = await ready(reissue(token, { exp: Math.floor(Date.now() / 1000) + 3 }));
    peer.subscribe('s', PROGRESS);
    // A server may grant a minute of leeway for clocks that differ.
    assert.equal((await peer.closure(75_000)).code, 4403);
  });

  test('without a token the connection opens, and what needs one says UNAUTHENTICATED', async () => {
    const peer = await ready('');
    peer.subscribe('d', '{ mirror { revision } }');
    const [first] = await peer.finish('d');
    const errors = first.type === 'error' ? first.payload : first.payload.errors;
    assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED');
  });

  test('a binary message closes with 4400', async () => {
    const peer = await ready();
    peer.send(new Uint8Array([0, 159, 146, 150]));
    await assertCloses(peer, 4400);
  });

  test('a message above 64 kB closes the connection', async () => {
    const peer = await ready();
    peer.subscribe('big', `{ __typename } # ${'x'.repeat(70 * 1024)}`);
    const { code } = await peer.closure();
    assert.ok([1009, 4400].includes(code), `closed with ${code}`);
  });

  test('at most 50 operations run on one connection, and the next one is told so', async () => {
    const peer = await ready();
    for (let at = 0; at < 50; at += 1) peer.subscribe(`s${at}`, PROGRESS);
    await peer.flush();
    peer.subscribe('one too many', PROGRESS);
    const messages = await peer.finish('one too many');
    assert.equal(messages.at(-1).type, 'error');
    assert.equal(messages.at(-1).payload[0].extensions.code, 'LIMIT_EXCEEDED');
  });

  test('a page of another origin is not let in', async () => {
    await assert.rejects(fresh({ headers: { origin: 'https://evil.example' } }), /HTTP 403/);
    await fresh({ headers: { origin: serverUrl } });
  });
});
