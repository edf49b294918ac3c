import { useRef, useState } from 'react';
import { useMissing, useTell, type Problem } from '../../../data';
import { useText } from '../../../i18n';
import { useReasons, type Sentence } from '../../../reasons';
import { Button } from '../../../ui/Button';
import { Note } from '../../../ui/Note';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { messages } from '../messages';
import { inputsOf, sumsOfChosen, type Chosen } from './groups';
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

/** As many single records as the server takes in one decision. */
const MOST = 1_000;

/** The counted consequences of what is chosen, and the two decisions. Their buttons say verb and count. */
export function Decide({ chosen, onDecided }: { chosen: Chosen; onDecided: (outcome: Outcome) => void }) {
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

  const sums = sumsOfChosen(chosen);
  const nothing = chosen.groups.length + chosen.removals.length === 0;
  const what = words.what(sums);

  const decide = async (verb: Outcome['verb']) => {
    setProblem(null);
    const refusal = nothing ? 'none' : chosen.removals.length > MOST ? 'most' : null;
    setHint(refusal);
    if (refusal || busy.current) return;
    busy.current = true;
    const outcome: Outcome = { verb, decided: 0, back: 0, remaining: 0, errors: [] };
    let answers = 0;
    for (const input of inputsOf(chosen)) {
      const told = verb === 'approve' ? await approve({ input }) : await reject({ input });
      setProblem(told.problem);
      const payload = told.data && ('approveRemovals' in told.data ? told.data.approveRemovals : told.data.rejectRemovals);
      if (!payload) break;
      answers += 1;
      outcome.decided += payload.decided;
      outcome.back += payload.back;
      outcome.remaining = payload.remaining;
      outcome.errors.push(...payload.userErrors.map(({ statement }) => reasons(statement)));
    }
    busy.current = false;
    if (answers > 0) onDecided(outcome);
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
        {!nothing && <p className="bold">{words.lost(sums)}</p>}
        <p>{t('decide.asked')}</p>
        {hint && nothing && (
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
        {rejecting ? t('reject.doing') : nothing ? t('reject') : t('reject.go', { what })}
      </Button>
      <Button kind="danger" busy={approving} aria-disabled={rejecting || undefined} onClick={() => void decide('approve')}>
        {approving ? t('approve.doing', { what }) : nothing ? t('approve') : t('approve.go', { what })}
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
