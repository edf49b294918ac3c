// Starts a simulated DingTalk and a server of the built binary on free ports, lets the server read the company, and runs
// the tests against them:
//
//   npm test                           all tests; SQLite in a temporary folder
//   npm test -- websocket java         only the files whose names contain one of the words
//   npm test -- --without graphiql     only those whose names contain none of them
//   npm test -- console-               those of the console's pages, which take minutes each and want a quiet machine: all
//                                      tests are without them, `make prove` has them
//   CLIENT_TESTS_DATABASE_URL=postgres://… npm test       on Postgres, an empty database; never DATABASE_URL, which may
//                                      be one that somebody lives in
//
// DINGMIRROR_BIN names another binary than ../../target/debug/dingmirror. CLIENT_TESTS_KEEP=1 leaves both running until
// Ctrl-C, after printing the environment for running single tests by hand.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trustForge } from './support/forge.mjs';
import { Daemon, freePort } from './support/server.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const binary = process.env.DINGMIRROR_BIN ?? fileURLToPath(new URL('../../target/debug/dingmirror', import.meta.url));
const COMPANY = ['--users', '300', '--departments', '40', '--seed', '7'];
/** What DingTalk would show in the developer console; `dingmirror simulate` always has these two. */
const AGENT_ID = '836390886';
const APP_KEY = 'dingsimulator0000001';

const words = process.argv.slice(2);
const isWithout = words[0] === '--without';
if (isWithout) words.shift();
const isNamed = (name) => words.some((word) => name.includes(word));
const chosen = (name) => (words.length === 0 || isWithout ? !name.startsWith('console-') && !isNamed(name) : isNamed(name));
const files = readdirSync(here).filter((name) => name.endsWith('.test.mjs') && chosen(name));
if (files.length === 0) throw new Error(`no test file has a name with ${words.join(' or ')}`);
if (!existsSync(binary)) throw new Error(`${binary} does not exist: cargo build first, or set DINGMIRROR_BIN`);

const data = mkdtempSync(join(tmpdir(), 'dingmirror-clients-'));
const daemons = [];
/** Publishes the key of the Forge app's tokens. */
let forge;
process.exitCode = 1;
// With a handler the process goes on to `finally` instead of leaving the two behind.
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (interrupted = true));

try {
  const env = await start();
  if (process.env.CLIENT_TESTS_KEEP) {
    const wanted = ['DINGMIRROR_URL', 'SIMULATOR_URL', 'DINGMIRROR_JWT_SECRET', 'DINGMIRROR_TOKEN', 'DINGMIRROR_READER_TOKEN'];
    for (const name of wanted) console.log(`export ${name}=${env[name]}`);
    while (!interrupted) await new Promise((resolve) => setTimeout(resolve, 200));
    process.exitCode = 0;
  } else {
    const args = ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files.map((name) => join(here, name))];
    // Not spawnSync: nobody would read the servers' logs meanwhile, and a full pipe stops a server in mid-sentence.
    const [status] = await once(spawn(process.execPath, args, { cwd: here, env, stdio: 'inherit' }), 'exit');
    process.exitCode = status ?? 1;
  }
} finally {
  for (const { name, daemon } of daemons.reverse()) {
    const how = await daemon.stop();
    if (how !== 0) {
      console.error(`${name} did not end by itself with 0, but: ${how}`);
      process.exitCode ||= 1;
    }
    const log = process.env.ARTIFACTS && join(process.env.ARTIFACTS, `${name}.log`);
    if (log) writeFileSync(log, daemon.output);
    else if (process.exitCode) console.error(`--- ${name}, its last words ---\n${daemon.output.slice(-4000)}`);
  }
  forge?.close();
  rmSync(data, { recursive: true, force: true });
}

/** Starts both, configures the server as an administrator would, waits for the first sync; gives the tests' environment. */
async function start() {
  const launch = (name, args, env) => {
    const daemon = new Daemon(name, binary, args, env);
    daemons.push({ name, daemon });
    return daemon;
  };
  // Nothing of the caller's own server may reach this one.
  const foreign = ([name]) => name !== 'DATABASE_URL' && !name.startsWith('DINGMIRROR_');
  const base = { ...Object.fromEntries(Object.entries(process.env).filter(foreign)), DINGMIRROR_LOG: 'info', NO_COLOR: '1' };
  if (process.env.CLIENT_TESTS_DATABASE_URL) base.DATABASE_URL = process.env.CLIENT_TESTS_DATABASE_URL;

  const simulatorHost = `127.0.0.1:${await freePort()}`;
  const simulator = launch('simulate', ['simulate', '--listen', simulatorHost, ...COMPANY], base);
  const secret = /app_?secret\W{0,12}([\w-]{16,})/i;
  const [, appSecret] = await simulator.until('appSecret', async () => secret.exec(simulator.output));
  const simulatorUrl = `http://${simulatorHost}`;
  await simulator.until('answer', async () => (await fetch(`${simulatorUrl}/control/directory`)).ok);

  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  forge = await trustForge(data);
  const env = {
    ...base,
    DINGMIRROR_CONFIG: forge.config,
    DINGMIRROR_DATA_DIR: data,
    DINGMIRROR_LISTEN: host,
    DINGMIRROR_JWT_SECRET: randomBytes(32).toString('hex'),
    DINGMIRROR_ALLOWED_HOSTS: simulatorHost,
    // What became of a send is to be seen.
    DINGMIRROR_FOLLOW_UP: 'live',
  };
  const server = launch('serve', ['serve'], env);
  await server.until('readiness', async () => (await fetch(`${url}/readyz`)).ok);

  const mint = (...args) => execFileSync(binary, ['token', ...args], { env, encoding: 'utf8' }).trim().split('\n').at(-1);
  const all = {
    ...env,
    DINGMIRROR_BIN: binary,
    DINGMIRROR_URL: url,
    SIMULATOR_URL: simulatorUrl,
    FORGE_TESTS_KEY_FILE: forge.keyFile,
    DINGMIRROR_TOKEN: mint('--all'),
    DINGMIRROR_READER_TOKEN: mint('--permission', 'directory:read'),
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  };
  Object.assign(process.env, all);
  const { query } = await import('./support/env.mjs');
  await configure(query, simulatorUrl, appSecret);
  await firstSync(query);
  return all;
}

/** Fills in the settings form: DingTalk's paths with the simulator's address in front. */
async function configure(query, simulatorUrl, appSecret) {
  const paths = {
    getTokenUrl: '/gettoken',
    departmentListSubUrl: '/topapi/v2/department/listsub',
    departmentGetUrl: '/topapi/v2/department/get',
    userListIdUrl: '/topapi/user/listid',
    userGetUrl: '/topapi/v2/user/get',
    userGetByMobileUrl: '/topapi/v2/user/getbymobile',
    asyncSendUrl: '/topapi/message/corpconversation/asyncsend_v2',
    authScopesUrl: '/auth/scopes',
    userListUrl: '/topapi/v2/user/list',
    userCountUrl: '/topapi/user/count',
    getSendProgressUrl: '/topapi/message/corpconversation/getsendprogress',
    getSendResultUrl: '/topapi/message/corpconversation/getsendresult',
    recallUrl: '/topapi/message/corpconversation/recall',
  };
  const urls = Object.entries(paths).map(([name, path]) => [name, simulatorUrl + path]);
  const { settings } = await query('{ settings { version } }');
  const { updateSettings } = await query(
    `mutation ($input: UpdateSettingsInput!) {
      updateSettings(input: $input) { settings { complete missing } userErrors { code field message } }
    }`,
    {
      input: {
        expectedVersion: settings.version,
        agentId: AGENT_ID,
        appKey: APP_KEY,
        appSecret,
        enabled: true,
        ...Object.fromEntries(urls),
      },
    },
  );
  const { userErrors } = updateSettings;
  if (userErrors.length > 0) throw new Error(`updateSettings: ${JSON.stringify(userErrors)}`);
  if (!updateSettings.settings.complete) throw new Error(`settings still miss ${updateSettings.settings.missing}`);
}

async function firstSync(query) {
  const { until } = await import('./support/env.mjs');
  const { startSync } = await query('mutation { startSync(input: {}) { run { id } userErrors { message } } }');
  if (!startSync.run) throw new Error(`startSync: ${JSON.stringify(startSync)}`);
  const run = await until(
    'the first sync to end',
    async () => {
      const { syncRun } = await query('query ($id: ID!) { syncRun(id: $id) { state verdict error } }', {
        id: startSync.run.id,
      });
      return syncRun.state !== 'RUNNING' && syncRun;
    },
    { timeout: 180_000 },
  );
  if (run.verdict !== 'COMPLETE') throw new Error(`the first sync ended ${JSON.stringify(run)}`);
}
