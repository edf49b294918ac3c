import { use, useMemo, type ReactNode } from 'react';
import { formatRich, formatText, type RichValue, type TextValue } from './format';
import { currentLanguage, setLanguage, useLanguage, type Language } from './language';

/** Texts by key, of one language. */
export type Texts = Record<string, string>;

/** A page's texts: Chinese is the one that the types go by. Only the language in use is loaded. */
export interface Catalogue<Zh extends Texts> {
  load: (language: Language) => Promise<Texts>;
  /** Never there: it carries the type. */
  texts?: Zh;
}

/** The names of a text's placeholders and tags. In a plural's branches `#` is the number: no `{name}` within them. */
type Names<Text extends string> = Placeholders<Text> | Tags<Text>;

type Placeholders<Text extends string> = Text extends `${string}{${infer Head}}${infer Tail}`
  ? Name<Head> | Placeholders<Tail>
  : never;

type Name<Head extends string> = Head extends `${infer Value},${string}`
  ? Value
  : Head extends `${string} ${string}` | `#${string}` | ''
    ? never
    : Head;

type Tags<Text extends string> = Text extends `${string}</${infer Tag}>${infer Tail}` ? Tag | Tags<Tail> : never;

type TextArguments<Text extends string> = [Placeholders<Text>] extends [never]
  ? []
  : [values: Record<Placeholders<Text>, TextValue>];

type RichArguments<Text extends string> = [Names<Text>] extends [never] ? [] : [values: Record<Names<Text>, RichValue>];

/** Says a text of a catalogue in the reader's language. */
export interface Say<Zh extends Texts> {
  <Key extends keyof Zh & string>(key: Key, ...values: TextArguments<Zh[Key]>): string;
  /** The same with elements in it: `t.rich('seen', { link: (text) => <Link href="…">{text}</Link> })`. */
  rich: <Key extends keyof Zh & string>(key: Key, ...values: RichArguments<Zh[Key]>) => ReactNode;
  /** Whether there is such a text: for keys that are made of a server's enum, say `state.QUEUED`. */
  has: (key: string) => key is keyof Zh & string;
}

/** A catalogue of two files. The English one must have the keys of the Chinese one, and no others. */
export function catalogue<const Zh extends Texts>(files: {
  zh: () => Promise<{ default: Zh }>;
  en: () => Promise<{ default: Record<keyof Zh, string> }>;
}): Catalogue<Zh> {
  const loaded: Partial<Record<Language, Promise<Texts>>> = {};
  const made: Catalogue<Zh> = {
    load: (language) => {
      inUse.add(made);
      return (loaded[language] ??= remembered(
        files[language]().then((file) => file.default),
        () => delete loaded[language],
      ));
    },
  };
  return made;
}

const inUse = new Set<{ load: (language: Language) => Promise<Texts> }>();

/** Changes the language, once the texts of what is shown are there: nothing flickers. */
export async function changeLanguage(language: Language): Promise<void> {
  await Promise.all([...inUse].map((one) => one.load(language)));
  setLanguage(language);
}

/** React's `use` takes a promise with a status at its word, and renders without a pause. */
function remembered(promise: Promise<Texts>, forget: () => void): Promise<Texts> {
  const known = promise as Promise<Texts> & { status?: string; value?: Texts };
  promise.then(
    (texts) => {
      known.status = 'fulfilled';
      known.value = texts;
    },
    // A file that did not come is asked for again next time.
    forget,
  );
  return known;
}

/** `const t = useText(messages); t('title')`. Suspends until the language's file is there; routes load it with the page. */
export function useText<Zh extends Texts>(messages: Catalogue<Zh>): Say<Zh> {
  const language = useLanguage();
  const texts = use(messages.load(language));
  return useMemo(() => say<Zh>(language, texts), [language, texts]);
}

/** For what isn't a component. */
export async function textsNow<Zh extends Texts>(messages: Catalogue<Zh>): Promise<Say<Zh>> {
  const language = currentLanguage();
  return say<Zh>(language, await messages.load(language));
}

function say<Zh extends Texts>(language: Language, texts: Texts): Say<Zh> {
  const text = (key: string) => texts[key] ?? key;
  const plain = (key: string, values: Record<string, TextValue> = {}) => formatText(language, text(key), values);
  const rich = (key: string, values: Record<string, RichValue> = {}) => formatRich(language, text(key), values);
  const has = (key: string) => Object.hasOwn(texts, key);
  return Object.assign(plain, { rich, has }) as unknown as Say<Zh>;
}
