import { useText } from '../../../i18n';
import { useReasons, type Reason, type Sentence } from '../../../reasons';
import { messages } from './messages';

/** What is wrong, as the API says it. */
export interface Mistake {
  code: string;
  field: readonly string[];
  statement: Reason;
}

/** Without the names of the arguments in front: `content.markdown.title`. */
export function pathOf({ field }: Mistake): string {
  return field.filter((part) => part !== 'input').join('.');
}

/**
 * Mistakes by the field that they are about. What is empty is no mistake before somebody tried to send: it is said to those
 * who pressed the button.
 */
export function useMistakes(mistakes: readonly Mistake[], tried: boolean) {
  const t = useText(messages);
  const say = useReasons();
  const shown = mistakes.filter(({ code }) => tried || code !== 'REQUIRED');

  const sentence = (mistake: Mistake): Sentence =>
    mistake.code === 'REQUIRED' ? { text: t('mistake.required'), lang: undefined } : say(mistake.statement);

  return {
    count: shown.length,
    /** The mistake of a field, by the end of its path: `markdown.title`. */
    at: (...ends: string[]): Sentence | null => {
      const found = shown.filter((each) => ends.some((end) => pathOf(each) === end || pathOf(each).endsWith(`.${end}`)));
      return found[0] ? sentence(found[0]) : null;
    },
    /** Those that are about no single field: the whole is too long, a template is gone. */
    rest: shown
      .filter((each) => !/^(?:content\.(?!template)|recipients)/.test(pathOf(each)))
      .map((each) => ({ path: pathOf(each), ...say(each.statement) })),
  };
}

/** What `useMistakes` gives. */
export type Mistakes = ReturnType<typeof useMistakes>;
