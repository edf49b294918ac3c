// What a reader loads, gzipped: the first page, and what each other page adds. Fails beyond the budgets.
//   node scripts/sizes.mjs        after npm run build
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FIRST = 120_000;
const FURTHER = 60_000;
/** The sentences of the server's codes, which come behind the page. */
const SENTENCES = 25_000;
const LANGUAGES = ['zh', 'en'];

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', dist), 'utf8'));
const gzipped = new Map();

/** Bytes of a file as it travels. */
function size(file) {
  if (!gzipped.has(file)) gzipped.set(file, gzipSync(readFileSync(new URL(file, dist))).length);
  return gzipped.get(file);
}

/** A chunk's files: itself, its styles, and what it imports at once. */
function filesOf(key, files = new Set(), seen = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`the manifest has no ${key}`);
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const each of chunk.imports ?? []) filesOf(each, files, seen);
  return files;
}

const sum = (files) => [...files].reduce((bytes, file) => bytes + size(file), 0);
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);

/** The page with its texts; they are loaded beside it. */
function page(name, language) {
  const keys = [`src/pages/${name}/index.tsx`, `src/pages/${name}/messages.${language}.ts`];
  return keys.reduce((files, key) => filesOf(key, files), new Set());
}

let failed = false;
function report(label, bytes, budget) {
  const over = bytes > budget;
  failed ||= over;
  console.log(`${kilobytes(bytes)}  of ${kilobytes(budget).trim()}  ${label}${over ? '  TOO LARGE' : ''}`);
}

const pages = Object.keys(manifest)
  .map((key) => /^src\/pages\/([^/]+)\/index\.tsx$/.exec(key)?.[1])
  .filter(Boolean);
for (const language of LANGUAGES) {
  const shell = filesOf('index.html');
  // The live changes' socket comes after the first picture, and counts all the same.
  filesOf('src/data/socketLibrary.ts', shell);
  for (const texts of ['app', 'ui']) filesOf(`src/${texts}/messages.${language}.ts`, shell);
  const first = new Set(['index.html', ...shell, ...page('overview', language)]);

  report(`first page, ${language}`, sum(first), FIRST);
  for (const name of pages.filter((each) => each !== 'overview')) {
    const added = [...page(name, language)].filter((file) => !first.has(file));
    report(`${name}, ${language}`, sum(added), FURTHER);
  }
}
report('sentences, zh', sum(filesOf('src/reasons/messages.zh.ts')), SENTENCES);
process.exit(failed ? 1 : 0);
