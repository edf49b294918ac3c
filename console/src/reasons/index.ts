import { LOCALES, useFormats, useLanguage } from '../i18n';
import { say, type Reason } from './say';
import { useSentences } from './sentences';

export { valuesOf, type Reason } from './say';

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
  const formats = useFormats();
  const sentences = useSentences();
  return (reason) => {
    const said = sentences ? say(reason, sentences, formats) : null;
    if (said !== null) return { text: said, lang: undefined };
    return { text: reason.text, lang: language === 'en' ? undefined : LOCALES.en, translate: 'no' };
  };
}

/** One sentence: `useReason(resolution.reasonStatement)`. */
export function useReason(reason: Reason): Sentence {
  return useReasons()(reason);
}
