// Generates types and typed documents from ../../schema.graphql and operations.graphql by graphql-codegen, checks the
// client with the TypeScript compiler under --strict, and compiles it to generated/.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import { bin, run } from '../support/programs.mjs';
import { schemaPath } from '../support/schema.mjs';

const folder = fileURLToPath(new URL('../', import.meta.url));
const filename = `${folder}generated/graphql.ts`;

export async function generate() {
  const operationsFile = `${folder}typed/operations.graphql`;
  const source = await codegen({
    filename,
    schema: parse(readFileSync(schemaPath, 'utf8')),
    documents: [{ location: operationsFile, document: parse(readFileSync(operationsFile, 'utf8')) }],
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      enumType: 'string-literal',
      strictScalars: true,
      // What travels: BigInt is written as a string, because numbers of DingTalk go beyond 2^53.
      scalars: { BigInt: 'string', DateTime: 'string', JSON: 'unknown' },
    },
    plugins: [{ operations: {} }, { typedDocumentNode: {} }],
    pluginMap: { operations, typedDocumentNode },
  });
  mkdirSync(`${folder}generated`, { recursive: true });
  writeFileSync(filename, source);
  run(bin('tsc'), ['--project', 'tsconfig.json'], { cwd: folder });
  return import(`${folder}generated/js/typed/client.js`);
}
