import { LOCALES, useLanguage, useText, type Texts } from '../i18n';
import { messages } from './messages';

/** What the server says: a code with its arguments, where it has one, and always an English sentence. */
export interface Reason {
  code?: string | null;
  args?: unknown;
  /** The English sentence: `reason`, `message`, or a finding itself. */
  text: string;
}

/** A sentence and its language, where it isn't the page's. */
export interface Sentence {
  text: string;
  lang: string | undefined;
  /** The server's own words, which no catalogue has. */
  translate?: 'no';
}

/** The one place where a code of the server becomes a sentence. */
export function useReasons(): (reason: Reason) => Sentence {
  const language = useLanguage();
  const t = useText<Texts>(messages as never);
  return ({ code, args, text }) => {
    if (code && t.has(code)) {
      return { text: (t as (key: string, values: object) => string)(code, valuesOf(args)), lang: undefined };
    }
    return { text, lang: language === 'en' ? undefined : LOCALES.en, translate: 'no' };
  };
}

/** One sentence: `useReason({ code, args, text: resolution.reason })`. */
export function useReason(reason: Reason): Sentence {
  return useReasons()(reason);
}

/** Arguments are an object, or pairs of a name and a value. */
export function valuesOf(args: unknown): Record<string, string | number> {
  const pairs = Array.isArray(args)
    ? args.map((each: { name: string; value: unknown }) => [each.name, each.value] as const)
    : Object.entries((args ?? {}) as Record<string, unknown>);
  return Object.fromEntries(pairs.map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]));
}
