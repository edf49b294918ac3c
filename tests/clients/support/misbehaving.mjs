// A server that answers the Java program's three operations, each as a test tells it to: rightly, or as badly as proxies,
// load balancers and broken networks do.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** What a well-behaved dingmirror answers; every test changes a part of it. */
const GOOD = {
  resolve: ({ variables }) => ({
    resolve: variables.identities.map(() => ({
      status: 'MATCHED', rule: 'EMAIL', reason: 'found', user: { userId: 'u1' }, candidates: [{ userId: 'u1' }],
    })),
  }),
  send: () => ({ sendMessage: { replayed: false, notices: [], message: { id: 'm1' }, userErrors: [] } }),
  outcome: () => outcome([{ position: 0, userId: 'u1', state: 'READ', reason: null, prediction: null }]),
};

/** The data of an answer to the third operation. */
export const outcome = (nodes, { followUp = 'ON', pageInfo = { hasNextPage: false, endCursor: null } } = {}) => ({
  message: { followUp, recipients: { nodes, pageInfo } },
});

export const json = (body, status = 200, headers = {}) => (request, response) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
export const data = (value) => json({ data: value });
export const text = (body, status = 200, headers = {}) => (request, response) => {
  response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
};
export const html = (status, headers) => text('<html><body>a proxy speaks</body></html>', status, headers);

/** One after the other, and then rightly. */
export const first = (...handlers) => handlers;

/**
 * Starts the server. `plan` has a handler, or a list of handlers for the first calls, under `resolve`, `send` and `outcome`;
 * `undefined` means to answer rightly. `calls` are the decoded requests of each.
 */
export async function misbehaving(plan) {
  const calls = { resolve: [], send: [], outcome: [] };
  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The client went away before it had asked.
    }
    const body = Buffer.concat(chunks).toString();
    const kind = body.includes('query Resolve') ? 'resolve' : body.includes('mutation Send') ? 'send' : 'outcome';
    const asked = JSON.parse(body);
    calls[kind].push({ ...asked, raw: body, bytes: Buffer.concat(chunks) });
    const planned = plan[kind];
    const handler = Array.isArray(planned) ? planned[calls[kind].length - 1] : planned;
    (handler ?? data(GOOD[kind](asked)))(request, response, asked);
  });
  // A client that goes away in mid-sentence is what half of the tests are about.
  server.on('clientError', (_, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    calls,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
