// A company of its own for a test that changes it: `dingmirror demo` on free ports, with its simulator and event stream.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, ownEnvironment, until } from './env.mjs';
import { Daemon, freePort } from './server.mjs';

/**
 * Starts it and waits for the first sync. `CONSOLE_TESTS_DATABASE_URL` names an empty Postgres database; without it SQLite
 * in a temporary folder. `CONSOLE_URL` is where the pages are looked at, say Vite's server with DINGMIRROR_URL set to a demo
 * of `CONSOLE_SERVER`, in place of those that the binary has.
 */
export async function startDemo(args = []) {
  const data = mkdtempSync(join(tmpdir(), 'dingmirror-demo-'));
  const env = { ...ownEnvironment(), DINGMIRROR_DATA_DIR: data };
  if (process.env.CONSOLE_TESTS_DATABASE_URL) env.DATABASE_URL = process.env.CONSOLE_TESTS_DATABASE_URL;
  const host = process.env.CONSOLE_SERVER ?? `127.0.0.1:${await freePort()}`;
  const simulator = `127.0.0.1:${await freePort()}`;

  const demo = new Daemon('demo', binary, ['demo', '--listen', host, '--simulator-listen', simulator, ...args], env);
  const printed = /export TOKEN=(\S+)/;
  await demo.until('token', async () => printed.test(demo.output), 300_000);
  const [, token] = printed.exec(demo.output);

  const graphql = async (query, variables) => {
    const response = await fetch(`http://${host}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data: answer, errors } = await response.json();
    if (errors) throw new Error(`unexpected errors: ${JSON.stringify(errors)}`);
    return answer;
  };

  const edit = async (...edits) => {
    const response = await fetch(`http://${simulator}/control/edits`, { method: 'POST', body: JSON.stringify(edits) });
    if (!response.ok) throw new Error(`POST /control/edits: ${response.status} ${await response.text()}`);
  };

  return {
    url: process.env.CONSOLE_URL ?? `http://${host}`,
    token,
    query: graphql,
    /** A token with these permissions alone. */
    tokenWith: (...permissions) => {
      const named = permissions.flatMap((name) => ['--permission', name]);
      return execFileSync(binary, ['token', ...named], { env, encoding: 'utf8' }).trim().split('\n').at(-1);
    },
    /** Changes the simulated company; the events follow. */
    edit,
    /**
     * Lets people leave, and waits until each is removed or held; gives those who are held. How many that are, of more than
     * the limit, depends on which events came together.
     */
    leave: async (people) => {
      await edit(...people.map(({ userId }) => ({ edit: 'leave', userid: userId })));
      return until(
        'the removals to be held',
        async () => {
          const states = people.map(({ userId }, index) => `p${index}: user(userId: ${JSON.stringify(userId)}) { state }`);
          const { heldRemovals, ...found } = await graphql(
            `{ heldRemovals(state: PENDING, first: 50) { nodes { entityId user { name } } } ${states.join(' ')} }`,
          );
          return Object.values(found).every((person) => person?.state !== 'ACTIVE') && heldRemovals.nodes;
        },
        { timeout: 120_000 },
      );
    },
    stop: async () => {
      const how = await demo.stop();
      rmSync(data, { recursive: true, force: true });
      return how;
    },
  };
}
