// Tools that other people will point at schema.graphql: graphql-js, graphql-eslint, relay-compiler, and our own examples.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { isObjectType, parse, validate, validateSchema } from 'graphql';
import { bin, run } from './support/programs.mjs';
import { readSchema, schemaPath } from './support/schema.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const examples = fileURLToPath(new URL('../../console/src/graphiql/examples/', import.meta.url));

describe('schema.graphql', { concurrency: 1 }, () => {
  test('graphql-js finds nothing invalid in it', () => {
    assert.deepEqual(validateSchema(readSchema()), []);
  });

  test('graphql-eslint finds nothing against it (recommended and relay)', async () => {
    const eslint = new ESLint({ cwd: here, overrideConfigFile: join(here, 'eslint.config.mjs') });
    const [result] = await eslint.lintText(readFileSync(schemaPath, 'utf8'), { filePath: join(here, 'schema.graphql') });
    const findings = result.messages.map(({ line, ruleId, message }) => `${line}: ${message} (${ruleId})`);
    if (findings.length > 0) assert.fail(`${findings.length} findings\n${findings.join('\n')}`);
  });

  test('relay-compiler accepts it, with connections, refetchable fragments, a mutation and a subscription', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dingmirror-relay-'));
    try {
      copyFileSync(schemaPath, join(folder, 'schema.graphql'));
      copyFileSync(join(here, 'relay/app.ts'), join(folder, 'app.ts'));
      const config = {
        src: '.',
        schema: 'schema.graphql',
        language: 'typescript',
        customScalarTypes: { BigInt: 'string', DateTime: 'string', JSON: 'unknown' },
      };
      writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
      run(bin('relay-compiler'), ['relay.config.json'], { cwd: folder });
      const artefacts = readdirSync(join(folder, '__generated__'));
      for (const name of ['appTreeQuery', 'appMembersQuery', 'appPersonQuery', 'appSendMutation']) {
        assert.ok(artefacts.includes(`${name}.graphql.ts`), `${name} is missing among ${artefacts}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('every mutation takes one input and answers with a payload that has userErrors', () => {
    for (const field of Object.values(readSchema().getMutationType().getFields())) {
      assert.deepEqual(
        field.args.map((argument) => argument.name),
        ['input'],
        field.name,
      );
      assert.ok(isObjectType(field.type), `${field.name} can fail, so it may be null`);
      assert.match(field.type.name, /Payload$/);
      assert.equal(field.type.getFields().userErrors?.type.toString(), '[UserError!]!', field.name);
    }
  });

  for (const name of readdirSync(examples)) {
    test(`GraphiQL's example ${name} is valid`, () => {
      const document = parse(readFileSync(join(examples, name), 'utf8'));
      assert.deepEqual(validate(readSchema(), document), []);
    });
  }
});
