// What the documents tell people to run and to ask: blocks of code, and commands that stand in sentences.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Every document, by its path in the repository. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'console/README.md',
  'examples/forge/README.md',
  ...readdirSync(`${root}docs`).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];

const read = (page) => readFileSync(root + page, 'utf8');

/** The blocks of code of these languages: page, line, language and text, without the indentation of a list. */
export function blocks(...languages) {
  return pages.flatMap((page) => {
    const found = [];
    let open;
    read(page).split('\n').forEach((line, at) => {
      const fence = /^( *)```(\w*)/.exec(line);
      if (!open && fence) open = { page, line: at + 1, indent: fence[1], language: fence[2], lines: [] };
      else if (open && fence) {
        found.push({ ...open, text: open.lines.join('\n') });
        open = undefined;
      } else open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    });
    return found.filter(({ language }) => languages.includes(language));
  });
}

/** The commands of a block for a shell: one a line, without the remark behind it; a backslash joins two lines. */
export function commandsOf({ text }) {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)# .*$/, '').replace(/\s+/g, ' ').trim())
    .filter(Boolean);
}

/** What stands between backticks in sentences and tables: page and text. */
export function spans() {
  return pages.flatMap((page) => {
    const prose = read(page).replace(/^ *```[\s\S]*?^ *```$/gm, '');
    return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text]) => ({ page, text: text.replaceAll('\\|', '|') }));
  });
}

/** The rows of the table below a heading, by cell. */
export function table(page, heading) {
  const section = read(page).split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  const rows = section.split('\n').filter((line) => line.startsWith('|')).slice(2);
  return rows.map((row) => row.replaceAll('\\|', '\u0000').split('|').slice(1, -1).map((cell) => cell.replaceAll('\u0000', '|').trim()));
}
