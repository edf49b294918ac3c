/**
 * Which URL somebody meant who misspelled it. The server has the same rule and the last word (`src/settings/spelling.rs`);
 * here it is told before anything is submitted.
 */
const CIRCULATING: readonly (readonly [string, string])[] = [
  ['departement', 'department'],
  ['corpcorversation', 'corpconversation'],
  ['corpconversion', 'corpconversation'],
  ['asynsend_v2', 'asyncsend_v2'],
  ['asycsend_v2', 'asyncsend_v2'],
];

/** `path` with its end put right, where that is nearly `expected`. */
export function corrected(path: string, expected: string): string | null {
  const replaced = CIRCULATING.reduce(
    (text, [wrong, right]) => text.replaceAll(wrong, right),
    path.replace(/\/+$/, ''),
  );
  if (replaced.endsWith(expected)) return replaced;

  // A gateway's prefix may stand before it: compare as many segments as are expected, give or take one.
  const segments = replaced.split('/').filter(Boolean);
  const wanted = expected.split('/').filter(Boolean).length;
  const tolerated = Math.min(Math.max(Math.floor(expected.length / 5), 1), 3);
  let best: { off: number; right: string } | null = null;
  for (const taken of [wanted, wanted + 1, wanted - 1]) {
    if (taken < 0 || taken > segments.length) continue;
    const prefix = segments.slice(0, segments.length - taken);
    const tail = segments.slice(segments.length - taken).join('/');
    const off = distance(`/${tail}`.toLowerCase(), expected);
    if (off > tolerated || (best && best.off <= off)) continue;
    best = { off, right: prefix.map((segment) => `/${segment}`).join('') + expected };
  }
  return best?.right ?? null;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** `right` in pieces, those marked that `wrong` doesn't have: what has to be looked at. */
export function additions(wrong: string, right: string): { text: string; added: boolean }[] {
  // The longest common subsequence, from the back.
  const lengths = Array.from({ length: wrong.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let i = wrong.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const row = lengths[i] as Uint16Array;
      const below = lengths[i + 1] as Uint16Array;
      row[j] = wrong[i] === right[j] ? (below[j + 1] as number) + 1 : Math.max(below[j] as number, row[j + 1] as number);
    }
  }

  const pieces: { text: string; added: boolean }[] = [];
  const put = (letter: string, added: boolean) => {
    const last = pieces.at(-1);
    if (last?.added === added) last.text += letter;
    else pieces.push({ text: letter, added });
  };
  let i = 0;
  for (let j = 0; j < right.length; j++) {
    const at = (row: number) => lengths[row]?.[j] ?? 0;
    while (i < wrong.length && wrong[i] !== right[j] && at(i + 1) === at(i)) i++;
    if (i < wrong.length && wrong[i] === right[j]) {
      put(right[j] as string, false);
      i++;
    } else {
      put(right[j] as string, true);
    }
  }
  return pieces;
}
