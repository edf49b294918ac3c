// Many subscribers over WebSocket, and one change that all of them are told.
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { median } from './rounds.mjs';

const QUERY = 'subscription { directoryChanges { cursor kind entity entityId fields { field before after } } }';
/** Connections that are opened at once. */
const OPENING = 100;
/** An address has some 28,000 ports; each of these addresses has so many connections. */
const AN_ADDRESS = 5_000;
const CHANGES = 3;
/** Who was not told by then is not waited for. */
const PATIENCE = 60_000;

/**
 * `{ subscribers, told, first, last, resident }`: how many were told within a minute, milliseconds from the change to
 * the first and the last of them, and MB.
 */
export async function measureSubscribers(mirror, changes, wanted) {
  const before = mirror.memory('VmRSS');
  const crowd = new Crowd(mirror);
  try {
    await crowd.open(wanted);
    // What was read of the feed by then is not counted as the change.
    await sleep(2_000);
    const resident = mirror.memory('VmRSS') - before;

    const [first, last] = [[], []];
    let told = wanted;
    // Where some were not told, the next change would be told with that one.
    for (let change = 0; change < CHANGES && told === wanted; change += 1) {
      const began = performance.now();
      const listening = crowd.all(wanted);
      await changes.make();
      const heard = await listening;
      told = heard.told;
      first.push(heard.firstAt - began);
      last.push(heard.lastAt - began);
      await sleep(500);
    }
    return { subscribers: wanted, told, first: median(first), last: median(last), resident };
  } finally {
    crowd.close();
  }
}

class Crowd {
  #mirror;
  #sockets = [];
  #told = () => {};
  #closed = false;
  /** Why one of them heard nothing more: then nothing is measured. */
  #lost;
  #failed = () => {};

  constructor(mirror) {
    this.#mirror = mirror;
  }

  async open(count) {
    let next = 0;
    const opener = async () => {
      while (next < count) await this.#subscribe(next++);
    };
    await Promise.all(Array.from({ length: Math.min(OPENING, count) }, opener));
  }

  #subscribe(number) {
    const { webSocketUrl, headers } = this.#mirror;
    const socket = new WebSocket(webSocketUrl, 'graphql-transport-ws', {
      headers,
      perMessageDeflate: false,
      localAddress: `127.0.0.${2 + Math.floor(number / AN_ADDRESS)}`,
    });
    this.#sockets.push(socket);

    return new Promise((resolve, reject) => {
      const failed = (why) => {
        const error = new Error(`subscriber ${number}: ${why}`);
        reject(error);
        if (this.#closed) return;
        this.#lost ??= error;
        this.#failed(error);
      };
      const send = (message) => socket.send(JSON.stringify(message));
      socket.on('open', () => send({ type: 'connection_init', payload: headers }));
      socket.on('error', ({ message }) => failed(message));
      socket.on('close', (code, reason) => failed(`closed with ${code} ${reason}`));
      socket.on('message', (data) => {
        // Only the kind of message is looked at: ten thousand are not parsed while they are timed.
        const text = data.toString('latin1');
        if (text.includes('"connection_ack"')) {
          send({ id: '1', type: 'subscribe', payload: { query: QUERY } });
          send({ type: 'ping' });
        } else if (text.includes('"pong"')) resolve();
        else if (text.includes('"next"') && !text.includes('"errors"')) this.#told();
        else failed(text.slice(0, 500));
      });
    });
  }

  /** When the first and the last of so many subscribers was told, and how many were, if not all. */
  all(count) {
    let [told, firstAt, lastAt] = [0, 0, 0];
    return new Promise((resolve, reject) => {
      if (this.#lost) throw this.#lost;
      const timer = setTimeout(() => resolve({ told, firstAt, lastAt }), PATIENCE);
      this.#failed = reject;
      this.#told = () => {
        told += 1;
        lastAt = performance.now();
        if (told === 1) firstAt = lastAt;
        if (told < count) return;
        clearTimeout(timer);
        resolve({ told, firstAt, lastAt });
      };
    });
  }

  close() {
    this.#closed = true;
    for (const socket of this.#sockets) socket.terminate();
  }
}
