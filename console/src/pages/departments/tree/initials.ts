import firstCharacters from './initials.json';

/**
 * The first letter of a Chinese character as it is said. The browser sorts Chinese by pinyin, so a character has the letter
 * of the last of these that isn't behind it. (I, U and V begin no syllable.)
 */
const FIRST = Object.entries(firstCharacters);

const HAN = /\p{Script=Han}/u;
const collator = new Intl.Collator('zh-CN');
const known = new Map<string, string>();

function initialOf(character: string): string {
  if (!HAN.test(character)) return character;
  let low = 0;
  let high = FIRST.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (collator.compare(FIRST[middle]?.[1] as string, character) <= 0) low = middle + 1;
    else high = middle;
  }
  return FIRST[low - 1]?.[0] ?? character;
}

/** 产品中心: `cpzx`. Letters and digits stay as they are, in lower case. */
export function initialsOf(name: string): string {
  let initials = known.get(name);
  if (initials === undefined) {
    initials = [...name.toLowerCase()].map(initialOf).join('');
    known.set(name, initials);
  }
  return initials;
}

/** Whether a name begins with what was typed: as it is written, or by the first letters of its pinyin. */
export function beginsWith(name: string, typed: string): boolean {
  return name.toLowerCase().startsWith(typed) || initialsOf(name).startsWith(typed);
}
