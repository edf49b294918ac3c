// The crate's own program that measures: bench/main.rs.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** Builds it; gives where it is. */
export async function buildMeasure(root) {
  const args = ['bench', '--no-run', '--locked', '--bench', 'measure', '--message-format', 'json-render-diagnostics'];
  const build = promisify(execFile)('cargo', args, { cwd: root, maxBuffer: 1 << 28 });
  build.child.stderr.pipe(process.stderr);
  const { stdout } = await build;

  const messages = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return messages.findLast(({ executable, target }) => executable && target?.name === 'measure').executable;
}

/** What it prints of one thing. */
export async function runMeasure(program, ...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return output.trim();
}
