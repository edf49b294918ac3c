/**
 * ICU MessageFormat as far as the catalogues need it: `{name}`, `{n, plural, =0 {…} one {…} other {…}}`,
 * `{x, select, a {…} other {…}}`, `#` for the number of a plural, and `<tag>…</tag>` for what is more than text.
 */
export type Part =
  | string
  | { value: string }
  | { number: string }
  | { choose: 'plural' | 'select'; value: string; branches: Record<string, Part[]> }
  | { tag: string; children: Part[] };

/** A text that can't be read; it names the place. The catalogues' test finds it before a reader does. */
class BadMessage extends Error {
  constructor(text: string, at: number, expected: string) {
    super(`${expected} expected at ${at} of “${text}”`);
  }
}

/** Reads a message. What it makes is kept by `format.ts`, so a text is read once. */
export function parseMessage(text: string): Part[] {
  let at = 0;

  const word = (): string => {
    const found = /^\s*([\w=-]+)\s*/.exec(text.slice(at));
    if (found === null) throw new BadMessage(text, at, 'a name');
    at += found[0].length;
    return found[1] as string;
  };

  const eat = (char: string): void => {
    if (text[at] !== char) throw new BadMessage(text, at, `“${char}”`);
    at += 1;
  };

  const placeholder = (): Part => {
    eat('{');
    const value = word();
    if (text[at] === '}') {
      at += 1;
      return { value };
    }

    eat(',');
    const choose = word();
    if (choose !== 'plural' && choose !== 'select') throw new BadMessage(text, at, 'plural or select');
    eat(',');
    const branches: Record<string, Part[]> = {};
    while (text[at] !== '}') {
      const name = word();
      eat('{');
      branches[name] = parts('}', choose === 'plural' ? value : null);
      eat('}');
      while (text[at] === ' ' || text[at] === '\n') at += 1;
    }
    eat('}');
    if (branches.other === undefined) throw new BadMessage(text, at, 'a branch `other`');
    return { choose, value, branches };
  };

  const parts = (end: string | null, plural: string | null): Part[] => {
    const made: Part[] = [];
    let plain = '';
    const flush = () => {
      if (plain !== '') made.push(plain);
      plain = '';
    };

    for (;;) {
      const char = text[at];
      const tag = char === '<' ? /^<(\/?)(\w+)>/.exec(text.slice(at)) : null;
      if (char === undefined || char === end || tag?.[1] === '/') break;

      if (char === '{') {
        flush();
        made.push(placeholder());
      } else if (char === '#' && plural !== null) {
        flush();
        made.push({ number: plural });
        at += 1;
      } else if (tag !== null) {
        flush();
        at += tag[0].length;
        const children = parts(null, plural);
        const closing = `</${tag[2]}>`;
        if (!text.startsWith(closing, at)) throw new BadMessage(text, at, closing);
        at += closing.length;
        made.push({ tag: tag[2] as string, children });
      } else {
        plain += char;
        at += 1;
      }
    }

    flush();
    return made;
  };

  const all = parts(null, null);
  if (at < text.length) throw new BadMessage(text, at, 'the end');
  return all;
}

/** The names of the values and tags that a message takes, sorted. */
export function namesOf(parts: Part[]): string[] {
  const names = new Set<string>();
  const look = (list: Part[]) => {
    for (const part of list) {
      if (typeof part === 'string') continue;
      if ('tag' in part) {
        names.add(part.tag);
        look(part.children);
      } else if ('number' in part) names.add(part.number);
      else {
        names.add(part.value);
        if ('branches' in part) Object.values(part.branches).forEach(look);
      }
    }
  };
  look(parts);
  return [...names].sort();
}
