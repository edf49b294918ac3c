import { readdirSync, readFileSync } from 'node:fs';
import { parse, stripIgnoredCharacters, visit, type DocumentNode } from 'graphql';
import type { Plugin } from 'vite';

/** A call in the source: graphql(`…`), with or without the comment that some editors colour by. */
const CALL = /\bgraphql\(\s*(?:\/\* GraphQL \*\/\s*)?`([^`]*)`,?\s*\)/g;
const IMPORT = /^import \{ graphql \} from '[^']*\/generated(?:\/gql)?';$/m;

/**
 * Puts each operation, with the fragments that it spreads, where it is written. The generated `graphql()` looks documents up
 * in a table of all of them, so every page would load everybody's.
 */
export function graphqlDocuments(): Plugin {
  let fragments: Map<string, string> | undefined;
  return {
    name: 'dingmirror:graphql-documents',
    enforce: 'pre',
    buildStart: () => {
      fragments = undefined;
    },
    handleHotUpdate: () => {
      fragments = undefined;
    },
    transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || id.includes('/generated/') || !code.includes('graphql(')) return null;
      fragments ??= allFragments();
      const known = fragments;
      const inlined = code.replace(CALL, (_, source: string) => {
        const document = stripIgnoredCharacters(withFragments(source, known));
        return `__gql(${JSON.stringify(document)})`;
      });
      if (inlined === code) return null;
      return { code: `import { gql as __gql } from '@urql/core';${inlined.replace(IMPORT, '')}`, map: null };
    },
  };
}

/** Every fragment of the sources, by name. */
function allFragments(): Map<string, string> {
  const found = new Map<string, string>();
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.tsx?$/.test(name) && !name.startsWith('generated'))) {
    for (const [, source] of readFileSync(`src/${file}`, 'utf8').matchAll(CALL)) {
      for (const definition of parse(source as string).definitions) {
        const { loc } = definition;
        if (definition.kind === 'FragmentDefinition' && loc) {
          found.set(definition.name.value, (source as string).slice(loc.start, loc.end));
        }
      }
    }
  }
  return found;
}

/** The source with the fragments that it spreads and doesn't define, and those that these spread. */
function withFragments(source: string, known: Map<string, string>): string {
  let text = source;
  for (;;) {
    const missing = missingFragments(parse(text));
    if (missing.length === 0) return text;
    for (const name of missing) {
      const fragment = known.get(name);
      if (fragment === undefined) throw new Error(`no source defines the fragment ${name}`);
      text += `\n${fragment}`;
    }
  }
}

function missingFragments(document: DocumentNode): string[] {
  const spread = new Set<string>();
  const defined = new Set<string>();
  visit(document, {
    FragmentSpread: (node) => void spread.add(node.name.value),
    FragmentDefinition: (node) => void defined.add(node.name.value),
  });
  return [...spread].filter((name) => !defined.has(name));
}
