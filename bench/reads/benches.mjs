// The benches that are programs of the crate.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Builds those of the names that there are; gives where their programs are. */
export async function buildBenches(root, names) {
  const there = names.filter((name) => existsSync(join(root, 'bench', `${name}.rs`)));
  const wanted = there.flatMap((name) => ['--bench', name]);
  if (wanted.length === 0) return {};

  const args = ['bench', '--no-run', '--locked', ...wanted, '--message-format', 'json-render-diagnostics'];
  const build = promisify(execFile)('cargo', args, { cwd: root, maxBuffer: 1 << 28 });
  build.child.stderr.pipe(process.stderr);
  const { stdout } = await build;

  const messages = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const made = messages.filter(({ executable, target }) => executable && there.includes(target?.name));
  return Object.fromEntries(made.map(({ executable, target }) => [target.name, executable]));
}

/** What such a program prints. */
export async function runBench(program, ...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return output.trim();
}
