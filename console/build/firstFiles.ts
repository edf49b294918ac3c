import { fileURLToPath } from 'node:url';

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What a bundler knows of a module. */
interface Modules {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null;
}

/**
 * Puts what every page of the console loads at once into one file, but for what GraphiQL loads, too. By itself the bundler
 * makes a file of whatever two pages share: a button here, a menu there, each one a request more before the first picture.
 */
export function firstFiles() {
  let first: Set<string> | undefined;
  return {
    name: (id: string, modules: Modules) => {
      first ??= own(modules);
      return first.has(id) ? 'console' : null;
    },
  };
}

/** What the console's entry reaches and GraphiQL's doesn't. The entry stays by itself: it is what index.html names. */
function own(modules: Modules): Set<string> {
  const entry = file('src/app/main.tsx');
  const shared = reached(file('src/graphiql/main.tsx'), modules).add(entry);
  return new Set([...reached(entry, modules)].filter((id) => !shared.has(id)));
}

/** A module, what it imports, and so on; not what it loads later. */
function reached(entry: string, modules: Modules): Set<string> {
  const ids = new Set([entry]);
  for (const id of ids) for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) ids.add(imported);
  return ids;
}
