// GraphQL over HTTP: the 61 server audits of the reference implementation, `graphql-http`.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { bearer, graphqlUrl } from './support/env.mjs';

/** Audits written for an older text of the specification: red is acceptable there, and nowhere else. */
const MAY_FAIL = {
  '572B': 'wants 200 for a document that does not parse; the newer text allows 4xx for application/json too',
  FDE2: 'wants 200 for a document that is not valid; the newer text allows 4xx for application/json too',
  '7B9B': 'wants 200 for variables that do not fit; the newer text allows 4xx for application/json too',
  '86EE': 'wants 400 for variables that do not fit; the newer text has 422 for a well-formed request that cannot be run',
};

const audits = serverAudits({
  url: graphqlUrl,
  fetchFn: (input, init = {}) => fetch(input, { ...init, headers: { ...init.headers, ...bearer() } }),
});
const rows = [];

describe('graphql-http server audits', { concurrency: 1 }, () => {
  test('the suite has its 61 audits', () => assert.equal(audits.length, 61));

  for (const audit of audits) {
    test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      const level = audit.name.split(' ')[0];
      const excused = result.status !== 'ok' && audit.id in MAY_FAIL && level !== 'MUST';
      rows.push({ id: audit.id, level, status: excused ? `${result.status}, excused` : result.status });
      if (result.status !== 'ok' && !excused) {
        assert.fail(`${result.status}: ${result.reason}`);
      }
    });
  }

  // By `diagnostic`, because Node 20's runner garbles its own reports when a test file prints by itself.
  test('the tally', (context) => {
    const counts = new Map();
    for (const { level, status } of rows) {
      counts.set(`${level} ${status}`, (counts.get(`${level} ${status}`) ?? 0) + 1);
    }
    for (const [what, count] of [...counts].sort()) context.diagnostic(`${what}: ${count}`);
    for (const { id, status } of rows) {
      if (status !== 'ok') context.diagnostic(`${id}: ${status}${MAY_FAIL[id] ? ` because it ${MAY_FAIL[id]}` : ''}`);
    }
    assert.equal(rows.length, audits.length);
  });
});
