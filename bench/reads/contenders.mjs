// Who is measured: the server, and its rivals with the same data. Each takes POSTs of JSON.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../tests/clients/support/server.mjs';
import { cleanEnvironment } from './environment.mjs';
import { postText } from './graphql.mjs';
import { DIALECTS } from './queries.mjs';

/** One process for each core: Node's servers use no more than one by themselves. */
const WORKERS = availableParallelism();
const PATIENCE = 600_000;

/** Names in tables, in the order of their columns. */
export const TITLES = {
  ours: 'dingmirror',
  anew: 'dingmirror, nothing kept',
  postgraphile: 'PostGraphile 5',
  mercurius: 'mercurius + graphql-jit',
  static: 'axum, prepared bytes',
};

/** The server as one of them. */
export function oursOf(mirror) {
  return graphql('ours', mirror.url, DIALECTS.ours, mirror.headers);
}

/** Another process with the same data that makes each answer anew. */
export async function startAnew(mirror) {
  const twin = await mirror.twin({ DINGMIRROR_KEPT_ANSWERS: '0' });
  return { ...graphql('anew', twin.url, DIALECTS.ours, twin.headers), stop: () => twin.stop() };
}

export async function startPostgraphile(stage, databaseUrl) {
  return startNode(stage, 'postgraphile', DIALECTS.postgraphile, databaseUrl);
}

export async function startMercurius(stage, folder) {
  return startNode(stage, 'mercurius', DIALECTS.ours, folder);
}

/** A handler that does nothing but send the bytes that the server answered. */
export async function startStatic(stage, program, cases, ours) {
  const folder = stage.path('answers');
  mkdirSync(folder, { recursive: true });
  for (const one of cases) {
    writeFileSync(join(folder, one.name), await postText(ours.url(one), ours.body(one, one.variables[0]), ours.headers));
  }

  const listen = `127.0.0.1:${await freePort()}`;
  const daemon = stage.launch('static', program, ['static', listen, folder], cleanEnvironment());
  await daemon.until('its port', async () => daemon.output.includes('ready'), PATIENCE);
  return {
    ...ours,
    key: 'static',
    title: TITLES.static,
    url: ({ name }) => `http://${listen}/${name}`,
    stop: () => stage.stop(daemon),
  };
}

function graphql(key, url, dialect, headers = {}) {
  return {
    key,
    title: TITLES[key],
    headers,
    url: () => url,
    body: ({ query }, variables) => JSON.stringify({ query: dialect[query], variables }),
  };
}

async function startNode(stage, name, dialect, source) {
  const port = await freePort();
  const script = fileURLToPath(new URL(`../rivals/${name}/server.mjs`, import.meta.url));
  const daemon = stage.launch(name, nodeOfRivals(), [script, String(port), String(WORKERS), source], cleanEnvironment());
  await daemon.until('its port', async () => daemon.output.includes('ready'), PATIENCE);
  return { ...graphql(name, `http://127.0.0.1:${port}/graphql`, dialect), stop: () => stage.stop(daemon) };
}

/** PostGraphile needs Node 22; both run with the same. */
export function nodeOfRivals() {
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const packaged = fileURLToPath(new URL(`../node_modules/node-linux-${arch}/bin/node`, import.meta.url));
  return existsSync(packaged) ? packaged : process.execPath;
}
