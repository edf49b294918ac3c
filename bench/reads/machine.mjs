// What it was measured on and with.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { nodeOfRivals } from './contenders.mjs';

const version = (name) => {
  const file = fileURLToPath(new URL(`../node_modules/${name}/package.json`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')).version;
};
const said = (program, args, pattern) => {
  try {
    const output = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return pattern.exec(output)?.[1] ?? '?';
  } catch (error) {
    // wrk prints its version and ends with 1.
    return pattern.exec(String(error.stdout))?.[1] ?? '?';
  }
};

export function machine(server) {
  const gigabytes = Math.round(totalmem() / 1e9);
  return [
    `${cpus()[0].model}, ${availableParallelism()} cores, ${gigabytes} GB`,
    said(server, ['--version'], /(\S+ \S+)/),
    `PostGraphile ${version('postgraphile')}`,
    `mercurius ${version('mercurius')}, graphql-jit ${version('graphql-jit')}`,
    `Node ${said(nodeOfRivals(), ['--version'], /v(\S+)/)}`,
    `wrk ${said('wrk', ['--version'], /wrk (?:debian\/)?(\S+)/)}`,
  ].join('; ');
}
