import type { Reason } from '../../../reasons';
import { defaultUrl, isUrlField, pathOf, URL_ROWS, type Field, type UrlField } from '../fields';
import type { Values } from '../values';
import { corrected } from './spelling';

/** What is wrong with a row, and where it is known the value to write instead. */
export interface Mistake {
  field: Field | null;
  reason: Reason;
  suggestion?: string | null;
}

type Finding = { code: string; args?: Record<string, string>; suggestion?: string };

/**
 * What can be told about a row without the server, by the codes that it uses. The server has the last word: it knows which
 * hosts are allowed.
 */
export function mistakeIn(field: Field, values: Values): Mistake | null {
  const finding = findingIn(field, values);
  if (finding === null) return null;
  const { code, args, suggestion } = finding;
  return { field, reason: { code, args: { field, ...args }, text: code }, suggestion };
}

function findingIn(field: Field, values: Values): Finding | null {
  if (isUrlField(field)) return urlFinding(field, values[field].trim());
  switch (field) {
    case 'agentId':
      return agentIdFinding(values.agentId.trim());
    case 'appKey':
      return wordFinding('AppKey', values.appKey.trim());
    case 'appSecret':
      return wordFinding('AppSecret', values.appSecret?.trim() ?? '');
    case 'redirectTo':
      if (values.deliveryMode === 'REDIRECT' && values.redirectTo.trim() === '') return { code: 'TESTER_MISSING' };
      return values.redirectTo.includes(',') ? { code: 'TESTER_WITH_COMMA' } : null;
    case 'departments':
      return values.departments.include.length === 0 && values.departments.exclude.includes('1')
        ? { code: 'SELECTION_LEAVES_NOTHING' }
        : null;
    default:
      return null;
  }
}

function agentIdFinding(text: string): Finding | null {
  if (text === '') return null;
  return /^\d{1,19}$/.test(text) && BigInt(text) > 0n ? null : { code: 'AGENT_ID_FORM' };
}

function wordFinding(name: string, text: string): Finding | null {
  return /\s/.test(text) ? { code: 'FIELD_SEVERAL_WORDS', args: { name } } : null;
}

function urlFinding(field: UrlField, text: string): Finding | null {
  // Blank is the default, or off.
  if (text === '') return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return { code: 'URL_FORM', suggestion: defaultUrl(field) };
  }

  const expected = pathOf(field);
  if (!url.pathname.endsWith(expected)) return pathFinding(field, url);
  const suggestion = `${url.origin}${url.pathname}`;
  if (url.username !== '' || url.password !== '') return { code: 'URL_WITH_CREDENTIALS', suggestion };
  if (url.search !== '' || text.includes('?')) return { code: 'URL_WITH_QUERY', suggestion };
  if (url.hash !== '' || text.includes('#')) return { code: 'URL_WITH_FRAGMENT', suggestion };
  return null;
}

/** Another call's URL, a misspelled one, or something else altogether. */
function pathFinding(field: UrlField, url: URL): Finding {
  const expected = pathOf(field);
  // The longest first: a shorter path may be the end of another.
  const [other] = URL_ROWS.filter(({ path }) => url.pathname.endsWith(path)).sort((a, b) => b.path.length - a.path.length);
  if (other) {
    const prefix = url.pathname.slice(0, -other.path.length);
    return { code: 'URL_OF_ANOTHER_CALL', args: { other: other.field, path: expected }, suggestion: url.origin + prefix + expected };
  }

  const right = corrected(url.pathname, expected);
  if (right !== null) return { code: 'URL_MISSPELLED', suggestion: url.origin + right };
  return { code: 'URL_PATH_WRONG', args: { path: expected }, suggestion: url.origin + expected };
}
