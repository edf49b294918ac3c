import { WebSocket } from 'ws';
import { token as allPermissions, webSocketUrl } from './env.mjs';

const PATIENCE = 5_000;

/** One raw `graphql-transport-ws` connection: what the server says, in order, without a client library's help. */
export class Peer {
  #socket;
  #inbox = [];
  #waiting = [];
  /** Resolves with `{ code, reason }` when the server (or anyone) closes the connection. */
  closed;

  /** Opens a connection; rejects with `HTTP <status>` when the server refuses the upgrade. */
  static async open({ protocols = ['graphql-transport-ws'], headers = {} } = {}) {
    const peer = new Peer();
    peer.#socket = new WebSocket(webSocketUrl, protocols, { headers, skipUTF8Validation: true });
    peer.closed = new Promise((resolve) => {
      peer.#socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    peer.#socket.on('message', (data) => {
      peer.#inbox.push(JSON.parse(data.toString()));
      peer.#waiting.shift()?.();
    });
    await new Promise((resolve, reject) => {
      peer.#socket.on('open', resolve);
      peer.#socket.on('unexpected-response', (request, response) => {
        // `ws` leaves the refused request to its caller; kept open it would keep the test's process alive.
        request.destroy();
        reject(new Error(`HTTP ${response.statusCode}`));
      });
      peer.#socket.on('error', reject);
    });
    return peer;
  }

  /** Opens a connection and takes it through connection_init and connection_ack. */
  static async ready(token = allPermissions) {
    const peer = await Peer.open();
    peer.init(token);
    const ack = await peer.next();
    if (ack.type !== 'connection_ack') throw new Error(`expected connection_ack, got ${JSON.stringify(ack)}`);
    return peer;
  }

  get protocol() {
    return this.#socket.protocol;
  }

  init(token) {
    this.send({ type: 'connection_init', payload: token ? { authorization: `Bearer ${token}` } : {} });
  }

  /** Sends an object as JSON, a string or bytes as they are. */
  send(message) {
    const raw = typeof message === 'string' || message instanceof Uint8Array;
    this.#socket.send(raw ? message : JSON.stringify(message));
  }

  subscribe(id, query, extra = {}) {
    this.send({ id, type: 'subscribe', payload: { query, ...extra } });
  }

  /** The next message of the server, keep-alive pings left out. */
  async next(timeout = PATIENCE) {
    const deadline = Date.now() + timeout;
    for (;;) {
      const at = this.#inbox.findIndex((message) => message.type !== 'ping');
      if (at >= 0) return this.#inbox.splice(0, at + 1).at(-1);
      this.#inbox.length = 0;
      await this.#arrival(deadline - Date.now());
    }
  }

  /** All messages for one operation until its `complete` or `error`, that one included. */
  async finish(id, timeout = PATIENCE) {
    const seen = [];
    for (;;) {
      const message = await this.next(timeout);
      if (message.id === id) seen.push(message);
      if (message.id === id && ['complete', 'error'].includes(message.type)) return seen;
    }
  }

  /** Everything that arrived up to the server's answer to a ping sent now. */
  async flush() {
    const mark = `flush-${Math.random()}`;
    this.send({ type: 'ping', payload: { mark } });
    const seen = [];
    for (;;) {
      const message = await this.next();
      if (message.type === 'pong') return seen;
      seen.push(message);
    }
  }

  /** How the server closed the connection; fails when it does not within `timeout` ms. */
  async closure(timeout = PATIENCE) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`still open after ${timeout} ms`)), timeout);
    });
    return Promise.race([this.closed, late]).finally(() => clearTimeout(timer));
  }

  async end() {
    this.#socket.close(1000);
    await Promise.race([this.closed, new Promise((resolve) => setTimeout(resolve, 500))]);
    this.#socket.terminate();
  }

  #arrival(timeout) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the server said nothing')), timeout);
      const wake = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push(wake);
      void this.closed.then(({ code, reason }) => {
        clearTimeout(timer);
        reject(new Error(`the server closed the connection: ${code} ${reason}`));
      });
    });
  }
}
