import type { ConfluenceIdentityInput } from '../../../generated/graphql';
import { cellsOf } from '../parts/csv';
import columns from './columns.json';

/** A line of a pasted list, and whom it names. */
export interface AskedLine {
  line: number;
  text: string;
  identity: ConfluenceIdentityInput;
}

type Key = 'accountId' | 'userKey' | 'username' | 'email' | 'displayName';

/** Names of columns, as Confluence's lists, its exports and people write them; without case, blanks and marks. */
const COLUMNS = columns as Record<string, Key | undefined>;

const USER_KEY = /^[0-9a-f]{32}$/i;
/** Cloud's ids: 24 hexadecimal digits, or `557058:` and a UUID. */
const ACCOUNT_ID = /^(?:[0-9a-f]{24}|\d{4,8}:[0-9a-f-]{36})$/i;
/** 李萌 <li.meng@example.com> */
const ADDRESSED = /^(.*?)\s*[<（(]([^<>\s]+@[^<>\s]+?)[>）)]$/;

/**
 * Reads a pasted list: email addresses, user names or names, one a line; `name <address>` as mail programs write it; or a table
 * with a first line that names the columns. Whoever comes twice is asked for once a line all the same: the answer stands beside
 * what was pasted.
 */
export function readList(text: string): AskedLine[] {
  const separator = separatorOf(text);
  const rows = cellsOf(text, separator);
  const header = rows[0] && headerOf(rows[0].cells);
  const asked: AskedLine[] = [];
  for (const { line, cells } of header ? rows.slice(1) : rows) {
    const identity = header ? byColumns(header, cells) : byLooks(cells);
    if (Object.keys(identity).length > 0) asked.push({ line, text: cells.filter(Boolean).join(' '), identity });
  }
  return asked;
}

/** What parts the cells: the first of these that the first line has. Names may have commas, addresses none. */
function separatorOf(text: string): string {
  const first = text.trimStart().split('\n', 1)[0] ?? '';
  return ['\t', ';', ','].find((each) => first.includes(each)) ?? ',';
}

/** Which key each column has; undefined where the line names none. */
function headerOf(cells: readonly string[]): (Key | undefined)[] | undefined {
  const keys = cells.map((cell) => COLUMNS[cell.toLowerCase().replace(/[\s_.-]/g, '')]);
  return keys.some(Boolean) && !cells.some((cell) => cell.includes('@')) ? keys : undefined;
}

function byColumns(header: readonly (Key | undefined)[], cells: readonly string[]): ConfluenceIdentityInput {
  const identity: ConfluenceIdentityInput = {};
  header.forEach((key, index) => {
    const value = cells[index];
    if (key && value) identity[key] = value;
  });
  return identity;
}

/** By what each value looks like; the first of a kind counts. */
function byLooks(cells: readonly string[]): ConfluenceIdentityInput {
  const identity: ConfluenceIdentityInput = {};
  const take = (key: Key, value: string) => {
    if (value) identity[key] ??= value;
  };
  for (const cell of cells) {
    const addressed = ADDRESSED.exec(cell);
    if (addressed) {
      take('displayName', (addressed[1] as string).replace(/^"|"$/g, ''));
      take('email', addressed[2] as string);
    } else if (cell.includes('@') && !/\s/.test(cell)) take('email', cell);
    else if (USER_KEY.test(cell)) take('userKey', cell);
    else if (ACCOUNT_ID.test(cell)) take('accountId', cell);
    else if (/\s|\p{Script=Han}/u.test(cell)) take('displayName', cell);
    else take('username', cell);
  }
  return identity;
}
