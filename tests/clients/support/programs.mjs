import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Path of a program that an npm package brings. */
export const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

/** Runs a program to its end and gives its output, which is also in the error when it fails. */
export function run(program, args, options = {}) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  } catch (error) {
    const output = `${error.stdout ?? ''}${error.stderr ?? ''}` || error.message;
    throw new Error(`${program} ${args.join(' ')} failed (${error.status ?? error.code}):\n${output}`);
  }
}
