// The example operations that GraphiQL opens with: each runs as it stands in `dingmirror demo`, which is where people meet them
// first, and shows something there.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as sse from 'graphql-sse';
import { bearer, binary, ownEnvironment } from './support/env.mjs';
import { Daemon, freePort } from './support/server.mjs';

const folder = fileURLToPath(new URL('../../console/src/graphiql/examples/', import.meta.url));

/** Lines that GraphiQL's editor shows whole in a window of 1,440 pixels. */
const WIDEST = 60;

/** What an answer must hold for somebody to learn anything from it. */
const SHOWS = {
  OrgTree: ({ mirror, department }) => mirror.userCount > 0 && department.descendants.nodes.length > 10,
  Search: ({ search }) => search.nodes.length > 10 && search.nodes.every(({ item, matches }) => item.name && matches.length > 0),
  Resolve: ({ resolve }) => resolve[0].status === 'MATCHED' && resolve[0].user.name && resolve[1].status === 'UNMATCHED',
  SendMessage: ({ sendMessage }) => sendMessage.message.recipients.nodes.every(({ user }) => user.name),
  StartSync: ({ startSync }) => startSync.run.id,
  SyncProgress: ({ syncProgress }) => syncProgress.id,
  Settings: ({ settings }) => settings.complete && settings.appSecret.isSet,
};

describe("GraphiQL's examples in the demo", { concurrency: 1 }, () => {
  let demo;
  let url;
  let token;

  before(async () => {
    const host = `127.0.0.1:${await freePort()}`;
    url = `http://${host}/graphql`;
    const args = ['demo', '--listen', host, '--simulator-listen', `127.0.0.1:${await freePort()}`];
    demo = new Daemon('demo', binary, args, ownEnvironment());
    token = await demo.until('token', async () => /^export TOKEN=(\S+)$/m.exec(demo.output)?.[1], 180_000);
  });

  after(() => demo?.stop());

  for (const name of readdirSync(folder)) {
    const query = readFileSync(join(folder, name), 'utf8');
    const [, operation] = /^(?:query|mutation|subscription) (\w+)/m.exec(query);

    test(`${operation} runs without an error, and shows something`, async () => {
      const client = sse.createClient({ url, headers: bearer(token), retryAttempts: 0 });
      let answer;
      for await (const result of client.iterate({ query })) {
        answer = result;
        break;
      }
      client.dispose();
      assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
      for (const [field, value] of Object.entries(answer.data)) {
        assert.notEqual(value, null, field);
        if (value.userErrors) assert.deepEqual(value.userErrors, []);
      }
      assert.ok(SHOWS[operation](answer.data), JSON.stringify(answer.data).slice(0, 2_000));
    });

    test(`${operation} is not cut where it is shown`, () => {
      const wide = query.split('\n').filter((line) => [...line].length > WIDEST && line.startsWith('#'));
      assert.deepEqual(wide, []);
    });
  }
});
