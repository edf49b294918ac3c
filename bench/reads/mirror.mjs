// The server itself, as a process of its own that is looked at from outside.
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../tests/clients/support/server.mjs';
import { cleanEnvironment } from './environment.mjs';
import { ask } from './graphql.mjs';

/** How long a first sync and a start may take: those of a million people. */
const PATIENCE = 3_600_000;

const VERSION = '{ settings { version } }';
const UPDATE = `mutation ($input: UpdateSettingsInput!) {
  updateSettings(input: $input) { userErrors { field message } } }`;
const RUNS = '{ syncRuns(first: 1) { nodes { trigger state verdict } } }';

export class Mirror {
  #stage;
  #binary;
  #simulator;
  #filled;
  #daemon;

  constructor(stage, binary, simulator, databaseUrl) {
    this.#stage = stage;
    this.#binary = binary;
    this.#simulator = simulator;
    this.#filled = [simulator.url, stage.path(databaseUrl ? 'postgres' : 'sqlite'), ...(databaseUrl ? [databaseUrl] : [])];
    this.database = databaseUrl ? 'Postgres' : 'SQLite';
    this.databaseUrl = databaseUrl;
    this.env = {
      ...cleanEnvironment(),
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      DINGMIRROR_DATA_DIR: this.#filled[1],
      DINGMIRROR_ALLOWED_HOSTS: simulator.address,
      DINGMIRROR_JWT_SECRET: randomBytes(32).toString('hex'),
      DINGMIRROR_SECRET_KEY: randomBytes(32).toString('hex'),
      DINGMIRROR_LOG: 'error',
      DINGMIRROR_STREAM: 'on',
      DINGMIRROR_CALLS_PER_SECOND: '60',
      // Nothing happens by itself while something else is measured.
      DINGMIRROR_SYNC_INTERVAL: '0',
      DINGMIRROR_VERIFY_CALLS_PER_HOUR: '0',
    };
  }

  /** Reads the whole company into the database, by a program that doesn't keep to DingTalk's pace. */
  async fill(program) {
    await promisify(execFile)(program, ['fill', ...this.#filled], { env: this.env });
  }

  /** Starts the process; gives the milliseconds until it is ready. */
  async start() {
    const listen = `127.0.0.1:${await freePort()}`;
    this.url = `http://${listen}/graphql`;
    this.webSocketUrl = `ws://${listen}/graphql/ws`;
    const began = performance.now();
    this.#daemon = this.#stage.launch(`serve on ${this.database}`, this.#binary, ['serve'], {
      ...this.env,
      DINGMIRROR_LISTEN: listen,
    });

    while (!(await isReady(`http://${listen}/readyz`))) {
      if (this.#daemon.ended) throw new Error(`the server ended:\n${this.#daemon.output}`);
      if (performance.now() - began > PATIENCE) throw new Error('the server does not become ready');
      await sleep(2);
    }
    const ready = performance.now() - began;

    const token = execFileSync(this.#binary, ['token', '--all'], { env: this.env, encoding: 'utf8' }).trim();
    this.headers = { authorization: `Bearer ${token.split('\n').at(-1)}` };
    return ready;
  }

  /** A second process over a copy of the embedded database, with these settings. This one is started anew, too. */
  async twin(settings) {
    await this.stop();
    const folder = this.#stage.path('twin');
    cpSync(this.env.DINGMIRROR_DATA_DIR, folder, { recursive: true });
    await this.start();

    const twin = new Mirror(this.#stage, this.#binary, this.#simulator);
    Object.assign(twin.env, this.env, settings, { DINGMIRROR_DATA_DIR: folder });
    await twin.start();
    return twin;
  }

  stop() {
    return this.#stage.stop(this.#daemon);
  }

  ask(query, variables) {
    return ask(this, query, variables);
  }

  /** Switches calls to DingTalk on, and waits for the sync that begins by itself then. */
  async enable() {
    const { settings } = await this.ask(VERSION);
    const { updateSettings } = await this.ask(UPDATE, { input: { expectedVersion: settings.version, enabled: true } });
    if (updateSettings.userErrors.length > 0) throw new Error(`settings: ${JSON.stringify(updateSettings.userErrors)}`);

    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const [run] = (await this.ask(RUNS)).syncRuns.nodes;
      if (run?.trigger === 'STARTUP' && run.state !== 'RUNNING') {
        if (run.verdict !== 'COMPLETE') throw new Error(`the sync ended ${JSON.stringify(run)}`);
        return;
      }
      if (performance.now() > deadline) throw new Error('the sync does not end');
      await sleep(200);
    }
  }

  /** A line of the process's `status` in MB: `VmRSS`, `VmHWM`. */
  memory(line) {
    const status = readFileSync(`/proc/${this.#daemon.pid}/status`, 'utf8');
    const [, kib] = new RegExp(`^${line}:\\s+(\\d+)`, 'm').exec(status);
    return (Number(kib) * 1_024) / 1_000_000;
  }

  /** Seconds of CPU that the process has had. */
  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.#daemon.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    // User and system time in ticks, of which Linux shows a hundred a second everywhere.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
}

function isReady(url) {
  return new Promise((resolve) => {
    const call = get(url, { agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on('error', () => resolve(false));
  });
}
