import type { Formats } from '../i18n';
import { formatText } from '../i18n/format';
import type { Sentences } from './sentences';

/** What the server says: a code with its arguments, where it has one, and always an English sentence. */
export interface Reason {
  code?: string | null;
  /** Names with values, or an object of them. */
  args?: unknown;
  /** The English sentence: `reason`, `message`, or a finding itself. */
  text: string;
}

/** A value of an argument; a sentence of its own has a statement. */
interface Argument {
  name: string;
  value: unknown;
  statement?: Reason | null;
}

type Values = Record<string, string | number>;

/** Arguments that are moments; `on` is a day. */
const MOMENTS = new Set(['at', 'until']);

/** What stands behind a sentence wherever there is such an argument: the text of that name. */
const BEHIND = ['linked', 'former', 'alike'] as const;

/** The sentence in the language of `sentences`; null where they have none for the code. */
export function say({ code, args }: Reason, sentences: Sentences, formats: Formats): string | null {
  const template = code ? sentences[code] : undefined;
  if (template === undefined) return null;

  const write = (text: string | undefined) => (text ? formatText(formats.language, text, values) : '');
  const values = valuesOf(args, sentences, formats);
  const behind: string[] = [];
  if (code?.startsWith('DINGTALK_')) {
    behind.push(...['code', 'answer'].filter((name) => values[name]).map((name) => write(sentences[`behind.${name}`])));
  }
  for (const name of BEHIND) {
    if (!values[name] || values[name] === '0') continue;
    const more = name === 'alike' && values.odd ? `${name}.odd` : name;
    behind.push(write(sentences[`behind.${more}`]));
  }
  return [write(template), ...behind].join('');
}

/** The values of a sentence's arguments, as they are read. */
export function valuesOf(args: unknown, sentences?: Sentences, formats?: Formats): Values {
  return Object.fromEntries(pairsOf(args).map((each) => [each.name, valueOf(each, sentences, formats)]));
}

function pairsOf(args: unknown): readonly Argument[] {
  if (Array.isArray(args)) return args as Argument[];
  return Object.entries((args ?? {}) as Record<string, unknown>).map(([name, value]) => ({ name, value }));
}

function valueOf({ name, value, statement }: Argument, sentences?: Sentences, formats?: Formats): string | number {
  if (typeof value === 'number') return value;
  const text = String(value);
  if (!sentences || !formats) return text;

  if (statement) return say(statement, sentences, formats) ?? text;
  if (MOMENTS.has(name) && !Number.isNaN(Date.parse(text))) return formats.moment(new Date(text));
  if (name === 'on' && !Number.isNaN(Date.parse(text))) return formats.day(new Date(text));
  return sentences[`${WORDS[name] ?? name}.${text}`] ?? text;
}

/** Arguments whose values are said by the words of another one. */
const WORDS: Record<string, string> = { differs: 'field', other: 'field', details: 'field' };
