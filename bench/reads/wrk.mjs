// The load generator.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./wrk.lua', import.meta.url));

export const CONNECTIONS = 16;
const THREADS = 2;

/** One round against one contender: `{ rate, p50, p99 }`, a second and in milliseconds. Nothing may fail. */
export async function load(stage, contender, one, seconds) {
  const file = stage.path(`${contender.key}-${one.name}.bodies`);
  writeFileSync(file, one.variables.map((variables) => `${contender.body(one, variables)}\n`).join(''));

  const { authorization } = contender.headers;
  const args = [`-t${THREADS}`, `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '30s', '-s', SCRIPT, contender.url(one), '--', file];
  const { stdout } = await run('wrk', authorization ? [...args, authorization] : args);
  const found = /RESULT (.*)/.exec(stdout);
  if (!found) throw new Error(`wrk: ${stdout}`);

  const { requests, microseconds, bytes, failed, p50, p99 } = JSON.parse(found[1]);
  const wrong = (what) => new Error(`${contender.title}, ${one.name}: ${what}`);
  if (requests === 0) throw wrong(`no answer within ${seconds} s: give more by --seconds`);
  if (failed > 0) throw wrong(`${failed} of ${requests} requests failed`);
  // Failures of GraphQL are 200, too.
  if (bytes / requests < one.bytes / 2) throw wrong(`answers have ${Math.round(bytes / requests)} bytes`);
  return { rate: requests / (microseconds / 1e6), p50: p50 / 1e3, p99: p99 / 1e3 };
}
