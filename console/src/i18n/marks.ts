/**
 * A test has to tell the catalogues' texts from others. With `localStorage['dingmirror:mark-texts'] = '1'` each one begins
 * with an invisible character and ends with another; nothing else changes. Data (names, ids, codes) carries `translate="no"`.
 */
const MARKS = localStorage.getItem('dingmirror:mark-texts') === '1';

/** Begins and ends a text of the catalogue. */
export const BEGIN = MARKS ? '\u2063' : '';
export const END = MARKS ? '\u2064' : '';

/** A text that came from a catalogue, or from `Intl` in the reader's language. */
export function marked(text: string): string {
  return `${BEGIN}${text}${END}`;
}
