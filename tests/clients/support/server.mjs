import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A child process whose output is kept, and which is stopped by its pid. */
export class Daemon {
  #name;
  #child;
  #exited;
  output = '';
  /** Whether the process has ended, for those who don't wait in `until`. */
  ended = false;

  constructor(name, program, args, env) {
    this.#name = name;
    this.#child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
      });
    }
    this.pid = this.#child.pid;
    this.#exited = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => resolve(signal ?? code));
      this.#child.on('error', (error) => {
        this.output += error.message;
        resolve(error.code);
      });
    });
    void this.#exited.then(() => (this.ended = true));
  }

  /** Repeats `probe` until it gives something truthy; fails when the process ends or the time is over. */
  async until(what, probe, timeout = 60_000) {
    const deadline = Date.now() + timeout;
    let ended;
    void this.#exited.then((how) => (ended = { how }));
    for (;;) {
      const found = await probe().catch(() => undefined);
      if (found) return found;
      if (ended) throw new Error(`${this.#name} ended (${ended.how}) before ${what}:\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`${this.#name}: no ${what} after ${timeout} ms:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** SIGTERM, and SIGKILL if that is not enough; gives the exit code or the signal that ended it. */
  async stop(patience = 15_000) {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patience);
    const how = await this.#exited;
    clearTimeout(timer);
    return how;
  }
}
