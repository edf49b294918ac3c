import { useRef, useState } from 'react';
import { useMissing, useTell, type Problem } from '../../../data';
import { useText } from '../../../i18n';
import { useReasons, type Sentence } from '../../../reasons';
import { Button } from '../../../ui/Button';
import { Note } from '../../../ui/Note';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { messages } from '../messages';
import { inputOf, sumsOf, type Removal } from './groups';
import { ApproveMutation, RejectMutation } from './queries';
import { useSumWords } from './useSumWords';

/** What came of a decision. */
export interface Outcome {
  verb: 'approve' | 'reject';
  decided: number;
  back: number;
  remaining: number;
  errors: Sentence[];
}

/** As many as the server takes in one decision. */
const MOST = 1_000;

/** The counted consequences of what is chosen, and the two decisions. Their buttons say verb and count. */
export function Decide({ chosen, onDecided }: { chosen: readonly Removal[]; onDecided: (outcome: Outcome) => void }) {
  const t = useText(messages);
  const words = useSumWords();
  const reasons = useReasons();
  const missing = useMissing(['sync:run']);
  const [hint, setHint] = useState<'none' | 'most' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [approve, approving] = useTell(ApproveMutation);
  const [reject, rejecting] = useTell(RejectMutation);
  // A second press before the first is rendered would decide twice.
  const busy = useRef(false);

  const sums = sumsOf(chosen);
  const what = words.what(sums);

  const decide = async (verb: Outcome['verb']) => {
    setProblem(null);
    const refusal = chosen.length === 0 ? 'none' : sums.users > MOST || sums.departments > MOST ? 'most' : null;
    setHint(refusal);
    if (refusal || busy.current) return;
    busy.current = true;
    const input = inputOf(chosen);
    const told = verb === 'approve' ? await approve({ input }) : await reject({ input });
    busy.current = false;
    setProblem(told.problem);
    const payload = told.data && ('approveRemovals' in told.data ? told.data.approveRemovals : told.data.rejectRemovals);
    if (payload) {
      const { decided, back, remaining, userErrors } = payload;
      onDecided({ verb, decided, back, remaining, errors: userErrors.map(({ message }) => reasons({ text: message })) });
    }
  };

  if (missing.length > 0) {
    return (
      <div className="removal-act small t2">
        {t.rich('decide.forbidden', { permission: <code translate="no">{missing[0]}</code> })}
      </div>
    );
  }
  return (
    <div className="removal-act">
      <div className="grow small t2">
        {chosen.length > 0 && <p className="bold">{words.lost(sums)}</p>}
        <p>{t('decide.asked')}</p>
        {hint && chosen.length === 0 && (
          <p className="warn" role="alert">
            {t('decide.none')}
          </p>
        )}
        {hint === 'most' && (
          <p className="warn" role="alert">
            {t('decide.most', { most: MOST })}
          </p>
        )}
      </div>
      <Button busy={rejecting} aria-disabled={approving || undefined} onClick={() => void decide('reject')}>
        {rejecting ? t('reject.doing') : chosen.length === 0 ? t('reject') : t('reject.go', { what })}
      </Button>
      <Button kind="danger" busy={approving} aria-disabled={rejecting || undefined} onClick={() => void decide('approve')}>
        {approving ? t('approve.doing', { what }) : chosen.length === 0 ? t('approve') : t('approve.go', { what })}
      </Button>
      {problem && (
        <div className="removal-problem">
          <ProblemPanel problem={problem} what={t('decide.failed')} />
        </div>
      )}
    </div>
  );
}

/** What came of the last decision, in a sentence for each number. */
export function OutcomeNote({ outcome }: { outcome: Outcome }) {
  const t = useText(messages);
  const { verb, decided, back, remaining, errors } = outcome;
  return (
    <Note tone={errors.length > 0 ? 'bad' : 'ok'}>
      <p>{t(verb === 'approve' ? 'outcome.removed' : 'outcome.kept', { count: decided })}</p>
      {back > 0 && <p>{t('outcome.back', { count: back })}</p>}
      {remaining > 0 && <p>{t('outcome.remaining', { count: remaining })}</p>}
      {errors.map(({ text, lang }) => (
        <p key={text} lang={lang} translate="no">
          {text}
        </p>
      ))}
    </Note>
  );
}
