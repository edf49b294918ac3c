/**
 * The first letter of a Chinese character as it is said. The browser sorts Chinese by pinyin, so a character has the letter
 * of the last of these that isn't behind it. (I, U and V begin no syllable.)
 */
const FIRST: readonly (readonly [letter: string, character: string])[] = [
  ['a', '\u963f'], // 阿
  ['b', '\u516b'], // 八
  ['c', '\u5693'], // 嚓
  ['d', '\u54d2'], // 哒
  ['e', '\u59b8'], // 妸
  ['f', '\u53d1'], // 发
  ['g', '\u65ee'], // 旮
  ['h', '\u54c8'], // 哈
  ['j', '\u8ba5'], // 讥
  ['k', '\u5494'], // 咔
  ['l', '\u5783'], // 垃
  ['m', '\u5988'], // 妈
  ['n', '\u62cf'], // 拏
  ['o', '\u5662'], // 噢
  ['p', '\u5991'], // 妑
  ['q', '\u4e03'], // 七
  ['r', '\u5465'], // 呥
  ['s', '\u4ee8'], // 仨
  ['t', '\u5b83'], // 它
  ['w', '\u7a75'], // 穵
  ['x', '\u5915'], // 夕
  ['y', '\u4e2b'], // 丫
  ['z', '\u5e00'], // 帀
];

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
