// What is running and on disk for a measurement, and is gone after it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from '../../tests/clients/support/server.mjs';

export class Stage {
  #daemons = new Set();
  #folder = mkdtempSync(join(tmpdir(), 'dingmirror-bench-'));

  /** A path below a folder of the stage's own. */
  path(...names) {
    return join(this.#folder, ...names);
  }

  /** Starts a program that ends with the stage, unless it is stopped before. */
  launch(name, program, args, env) {
    const daemon = new Daemon(name, program, args, env);
    this.#daemons.add(daemon);
    return daemon;
  }

  async stop(daemon) {
    this.#daemons.delete(daemon);
    const how = await daemon.stop();
    // The rivals leave signals to the system.
    if (how !== 0 && how !== 'SIGTERM') throw new Error(`a program ended with ${how}:\n${daemon.output.slice(-2_000)}`);
  }

  async close() {
    for (const daemon of [...this.#daemons].reverse()) await daemon.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
