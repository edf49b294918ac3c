import { createHmac } from 'node:crypto';

/** What the tests are told. `npm test` (run.mjs) starts the servers and sets all of it. */
function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests by \`npm test\`, or see run.mjs for what it sets`);
  return value;
}

/** http://127.0.0.1:PORT of the server under test, without a slash at the end. */
export const serverUrl = required('DINGMIRROR_URL').replace(/\/$/, '');
export const graphqlUrl = `${serverUrl}/graphql`;
export const webSocketUrl = `${serverUrl.replace(/^http/, 'ws')}/graphql/ws`;
/** http://127.0.0.1:PORT of the simulated DingTalk behind it. */
export const simulatorUrl = required('SIMULATOR_URL').replace(/\/$/, '');
/** The program under test, for tests that start it in another way; see `ownEnvironment`. */
export const binary = required('DINGMIRROR_BIN');

/** The environment of such another one: nothing of the server under test reaches it. */
export function ownEnvironment() {
  const foreign = ([name]) => name !== 'DATABASE_URL' && !name.startsWith('DINGMIRROR_');
  return { ...Object.fromEntries(Object.entries(process.env).filter(foreign)), NO_COLOR: '1' };
}

/** A token with every permission. */
export const token = required('DINGMIRROR_TOKEN');
/** A token with `directory:read` alone, for what must be refused. */
export const readerToken = required('DINGMIRROR_READER_TOKEN');

export const bearer = (value = token) => ({ authorization: `Bearer ${value}` });

/** The same claims with some replaced, signed anew: how a test gets an expired token or one for another caller. */
export function reissue(original, changes) {
  const [header, payload] = original.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...changes };
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', required('DINGMIRROR_JWT_SECRET')).update(signed).digest('base64url')}`;
}

/** Posts one operation and gives the decoded body; throws when the answer is not JSON. */
export async function post(query, variables, { as = token } = {}) {
  const response = await fetch(graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...(as ? bearer(as) : {}) },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** The `data` of one operation that must not fail. */
export async function query(document, variables, options) {
  const body = await post(document, variables, options);
  if (body.errors) throw new Error(`unexpected errors: ${JSON.stringify(body.errors)}`);
  return body.data;
}

/** JSON of the simulator's control API. */
export async function control(path) {
  const response = await fetch(`${simulatorUrl}/control/${path}`);
  if (!response.ok) throw new Error(`GET /control/${path}: ${response.status}`);
  return response.json();
}

/** Repeats `probe` until it gives something truthy; fails with `what` after `timeout` ms. */
export async function until(what, probe, { timeout = 60_000, every = 200 } = {}) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`timed out after ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
