// The example operations that GraphiQL opens with: each runs as it stands.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { post } from './support/env.mjs';

const folder = fileURLToPath(new URL('../../console/src/graphiql/examples/', import.meta.url));

describe("GraphiQL's examples", { concurrency: 1 }, () => {
  for (const name of readdirSync(folder)) {
    const operation = readFileSync(join(folder, name), 'utf8');
    if (/^subscription/m.test(operation)) continue; // graphiql.test.mjs and subscriptions.test.mjs

    test(`${name} runs without an error`, async () => {
      const { data, errors } = await post(operation);
      assert.equal(errors, undefined, JSON.stringify(errors));
      for (const [field, value] of Object.entries(data)) {
        assert.notEqual(value, null, field);
        if (value.userErrors) assert.deepEqual(value.userErrors, []);
      }
    });
  }
});
