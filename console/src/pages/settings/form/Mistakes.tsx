import './mistakes.css';
import { useText } from '../../../i18n';
import { useSaid } from '../../../reasons/settings';
import { Button } from '../../../ui/Button';
import { Icon } from '../../../ui/Icon';
import { additions } from '../checks/spelling';
import type { Mistake } from '../checks/mistakes';
import { messages } from '../messages';

/** What is wrong with a row, and where it is known the right value with a button that takes it over. */
export function Mistakes({ id, mistakes, value, onTake }: {
  id: string;
  mistakes: readonly Mistake[];
  value: string;
  onTake?: (suggestion: string) => void;
}) {
  return (
    // Always there, so that what comes into it is heard.
    <div id={id} role="status" className="mistakes">
      {mistakes.map((mistake, index) => (
        <OneMistake key={index} mistake={mistake} value={value} onTake={onTake} />
      ))}
    </div>
  );
}

function OneMistake({ mistake, value, onTake }: {
  mistake: Mistake;
  value: string;
  onTake?: (suggestion: string) => void;
}) {
  const t = useText(messages);
  const sentence = useSaid()(mistake.reason);
  const suggestion = mistake.suggestion ?? null;
  return (
    <div className="fix">
      <span className="bad">
        <Icon name="warning" />
      </span>
      <span className="bold" lang={sentence.lang}>
        {sentence.text}
      </span>
      {suggestion !== null && (
        <>
          {onTake && (
            <Button kind="primary" small onClick={() => onTake(suggestion)}>
              {t('take')}
            </Button>
          )}
          <span className="mono fix-right" translate="no">
            {additions(value.trim(), suggestion).map(({ text, added }, index) =>
              added ? <ins key={index}>{text}</ins> : text,
            )}
          </span>
        </>
      )}
    </div>
  );
}
