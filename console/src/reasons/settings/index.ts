import { currentLanguage, useText, type Texts } from '../../i18n';
import { useReasons, valuesOf, type Reason, type Sentence } from '..';
import { messages } from './messages';

// Beside the page that says them, not after it.
void messages.load(currentLanguage());

/** Says the codes of the settings, of the server and of the form's own look at its rows; others as everywhere. */
export function useSaid(): (reason: Reason) => Sentence {
  const t = useText<Texts>(messages as never);
  const others = useReasons();
  return (reason) => {
    const { code, args } = reason;
    if (!code || !t.has(code)) return others(reason);
    return { text: (t as (key: string, values: object) => string)(code, valuesOf(args)), lang: undefined };
  };
}
