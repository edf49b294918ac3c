// DingTalk's own client of the stream, against the simulator: what it takes for an answer keeps the simulator honest.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import axios from 'axios';
import { DWClient, EventAck } from 'dingtalk-stream';
import { binary, ownEnvironment, until } from './support/env.mjs';
import { Daemon, freePort } from './support/server.mjs';

const APP_KEY = 'dingsimulator0000001';
const DINGTALK = /^https:\/\/(oapi|api)\.dingtalk\.com/;

describe('dingtalk-stream of npm', { concurrency: 1 }, () => {
  // Of its own: the server under test must lose no event to these clients, nor they to it.
  let simulator;
  let base;
  let clientSecret;
  let rewrite;
  const open = [];

  before(async () => {
    const host = `127.0.0.1:${await freePort()}`;
    base = `http://${host}`;
    const args = ['simulate', '--listen', host, '--users', '30', '--departments', '5', '--seed', '9'];
    simulator = new Daemon('simulate', binary, args, ownEnvironment());
    const secret = /app_?secret\W{0,12}([\w-]{16,})/i;
    [, clientSecret] = await simulator.until('appSecret', async () => secret.exec(simulator.output));
    await simulator.until('answer', async () => (await fetch(`${base}/control/directory`)).ok);
    // The client has DingTalk's addresses built in.
    rewrite = axios.interceptors.request.use((config) => {
      config.url = config.url.replace(DINGTALK, base);
      return config;
    });
  });

  after(async () => {
    for (const client of open) client.disconnect();
    axios.interceptors.request.eject(rewrite);
    assert.equal(await simulator.stop(), 0);
  });

  async function tell(method, path, body) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${base}/control/${path}`, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(response.ok, `${method} /control/${path}: ${response.status} ${await response.clone().text()}`);
    return response.json();
  }

  /** A connected client whose events `take` answers. */
  async function connected(take, options = {}) {
    const client = new DWClient({ clientId: APP_KEY, clientSecret, ua: 'test', ...options });
    client.registerAllEventListener(take);
    open.push(client);
    await client.connect();
    assert.ok(client.connected);
    return client;
  }

  /** Says Close, and gives what the other side answers. */
  async function close(client) {
    const { socket } = client;
    client.disconnect();
    const [code] = await once(socket, 'close');
    return code;
  }

  const hired = (userid) => tell('POST', 'edits', { edit: 'hire', userid });

  const names = (userid) => (message) => JSON.parse(message.data).userId?.includes(userid) ?? false;

  test('gets a token, and is refused with a wrong secret', async () => {
    const client = new DWClient({ clientId: APP_KEY, clientSecret });
    assert.match(await client.getAccessToken(), /^\w{20,}$/);
    const stranger = new DWClient({ clientId: APP_KEY, clientSecret: 'wrong' });
    await assert.rejects(() => stranger.getEndpoint(), (error) => error.response.data.code === 'authFailed');
  });

  test('hears of an event, acknowledges it, and is answered when it says goodbye', async () => {
    const heard = [];
    const client = await connected((message) => {
      heard.push(message);
      return { status: EventAck.SUCCESS };
    });
    await hired('stream-one');
    const event = await until('the event', () => heard.find(names('stream-one')));
    assert.equal(event.type, 'EVENT');
    assert.match(event.headers.eventType, /^user_(add|modify)_org$/);
    for (const value of Object.values(event.headers)) assert.equal(typeof value, 'string');
    const code = await close(client);
    assert.notEqual(code, 1006, 'the line was cut without a word');
    assert.equal((await tell('GET', 'events')).connections, 0);
  });

  test('is told again of what it wants later', async () => {
    await tell('PUT', 'events', { redeliver_ms: [100, 100, 100] });
    const heard = [];
    const client = await connected((message) => {
      if (!names('stream-two')(message)) return { status: EventAck.SUCCESS };
      heard.push(message.headers.eventId);
      return { status: heard.filter((id) => id === message.headers.eventId).length > 1 ? EventAck.SUCCESS : EventAck.LATER };
    });
    await hired('stream-two');
    await until('both events twice', () => heard.length >= 4);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(heard.length, 4, 'and no more often');
    assert.equal(new Set(heard).size, 2);
    await close(client);
  });

  test('lives on by its own pings', async () => {
    const client = new DWClient({ clientId: APP_KEY, clientSecret, keepAlive: true, autoReconnect: false });
    client.heartbeat_interval = 1_000;
    open.push(client);
    await client.connect();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    assert.ok(client.connected, 'a ping that isn’t answered within its interval ends the connection');
    await close(client);
  });

  test('comes back when it is told to go', async () => {
    await tell('PUT', 'events', { close_after_ms: 100 });
    const client = new DWClient({ clientId: APP_KEY, clientSecret });
    client.reconnectInterval = 50;
    open.push(client);
    await client.connect();
    const before = client.socket;
    assert.equal((await tell('POST', 'streams/disconnect')).told, 1);
    await until('another connection', () => client.connected && client.socket !== before);
    assert.equal((await tell('GET', 'events')).connections, 1);
    await close(client);
  });
});
