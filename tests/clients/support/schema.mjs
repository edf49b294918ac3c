import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';

/** The committed contract. SCHEMA names another one, for trying a schema that is not committed yet. */
export const schemaPath = process.env.SCHEMA ?? fileURLToPath(new URL('../../../schema.graphql', import.meta.url));

export const readSchema = () => buildSchema(readFileSync(schemaPath, 'utf8'));
