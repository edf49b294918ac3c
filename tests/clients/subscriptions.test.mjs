// Subscriptions by the two public clients: `graphql-ws` over WebSocket and `graphql-sse` over Server-Sent Events.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as sse from 'graphql-sse';
import * as ws from 'graphql-ws';
import { WebSocket } from 'ws';
import { bearer, graphqlUrl, query, reissue, token, until, webSocketUrl } from './support/env.mjs';

const PROGRESS = 'subscription { syncProgress { id phase state progress { fraction } } }';
const START = 'mutation { startSync(input: {}) { run { id } userErrors { message } } }';
const STATE = 'query ($id: ID!) { syncRun(id: $id) { state } }';

/** Starts a run once the subscription listens, and reads its events until that run has ended. */
async function followOneRun(client) {
  const events = [];
  const listener = (async () => {
    for await (const { data, errors } of client.iterate({ query: PROGRESS })) {
      assert.equal(errors, undefined);
      events.push(data.syncProgress);
    }
  })();
  listener.catch(() => {}); // Reported by the assertions below, when it matters.
  await new Promise((resolve) => setTimeout(resolve, 500));

  const { startSync } = await query(START);
  assert.deepEqual(startSync.userErrors, []);
  const { id } = startSync.run;
  const mine = () => events.filter((event) => event.id === id);
  await until('the run to end', async () => (await query(STATE, { id })).syncRun.state !== 'RUNNING');
  await until('the last event', () => mine().some((event) => event.state !== 'RUNNING'), { timeout: 5_000 });
  client.dispose();

  const fractions = mine().map((event) => event.progress.fraction);
  assert.ok(fractions.length >= 2, `events: ${JSON.stringify(events)}`);
  assert.ok(
    fractions.every((fraction) => fraction >= 0 && fraction <= 1),
    `fractions: ${fractions}`,
  );
}

const overWebSocket = (as) =>
  ws.createClient({
    url: webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${as}` },
    retryAttempts: 0,
  });
const overSse = (as) => sse.createClient({ url: graphqlUrl, headers: bearer(as), retryAttempts: 0 });

describe('subscriptions by public clients', { concurrency: 1 }, () => {
  test('graphql-ws follows a run from its start to its end', () => followOneRun(overWebSocket(token)));

  test('graphql-sse (distinct connections) follows a run from its start to its end', () => followOneRun(overSse(token)));

  for (const [name, open] of [
    ['graphql-ws', overWebSocket],
    ['graphql-sse', overSse],
  ]) {
    test(`${name} is told that the permission is missing`, async () => {
      const client = open(reissue(token, { permissions: ['message:read'] }));
      let told;
      try {
        for await (const result of client.iterate({ query: PROGRESS })) {
          told = result.errors;
          break;
        }
      } catch (error) {
        told = Array.isArray(error) ? error : [error];
      }
      client.dispose();
      assert.equal(told?.[0]?.extensions?.code, 'FORBIDDEN', JSON.stringify(told));
    });

    test(`${name} runs a query too`, async () => {
      const client = open(token);
      const results = [];
      for await (const result of client.iterate({ query: '{ mirror { userCount } }' })) results.push(result);
      client.dispose();
      assert.equal(results.length, 1);
      assert.ok(results[0].data.mirror.userCount > 0);
    });
  }
});
