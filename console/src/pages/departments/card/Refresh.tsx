import { useState, type ReactNode } from 'react';
import { useMissing, useTell, type Problem } from '../../../data';
import { useText } from '../../../i18n';
import { useReasons, type Reason } from '../../../reasons';
import { Button } from '../../../ui/Button';
import { Note } from '../../../ui/Note';
import { messages } from '../messages';
import { RefreshDepartmentMutation, RefreshUserMutation } from '../queries';

/** What came of reading it again. */
type Outcome =
  | { kind: 'same' }
  | { kind: 'changed' }
  | { kind: 'missing'; permissions: string }
  | { kind: 'refused'; reasons: readonly Reason[] }
  | { kind: 'problem'; problem: Problem };

interface Payload {
  revision?: string | null;
  userErrors: { statement: Reason }[];
}

/** Reads a person from DingTalk now. */
export function RefreshPerson({ userId, ...rest }: Common & { userId: string }) {
  const [tell, running] = useTell(RefreshUserMutation);
  const refresh = async () => {
    const { data, problem } = await tell({ input: { userId } });
    return outcomeOf(data?.refreshUser, problem);
  };
  return <Refresh {...rest} running={running} refresh={refresh} />;
}

/** Reads a department from DingTalk now. */
export function RefreshDepartment({ deptId, ...rest }: Common & { deptId: string }) {
  const [tell, running] = useTell(RefreshDepartmentMutation);
  const refresh = async () => {
    const { data, problem } = await tell({ input: { deptId } });
    return outcomeOf(data?.refreshDepartment, problem);
  };
  return <Refresh {...rest} running={running} refresh={refresh} />;
}

interface Common {
  /** The past can't be read again. */
  past: boolean;
  onDone: () => void;
  /** When it was read last. */
  children: ReactNode;
}

function outcomeOf(payload: Payload | null | undefined, problem: Problem | null): Outcome {
  if (problem) return { kind: 'problem', problem };
  const reasons = payload?.userErrors.map(({ statement }) => statement) ?? [];
  if (reasons.length > 0) return { kind: 'refused', reasons };
  return { kind: payload?.revision == null ? 'same' : 'changed' };
}

function Refresh({
  past,
  onDone,
  children,
  running,
  refresh,
}: Common & { running: boolean; refresh: () => Promise<Outcome> }) {
  const t = useText(messages);
  const missing = useMissing(['sync:run']);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const press = async () => {
    if (missing.length > 0) {
      setOutcome({ kind: 'missing', permissions: missing.join(', ') });
      return;
    }
    setOutcome(null);
    setOutcome(await refresh());
    onDone();
  };

  if (past) return <span className="end">{children}</span>;
  const done = outcome?.kind === 'same' || outcome?.kind === 'changed' ? outcome.kind : null;
  return (
    <>
      <Button small icon="sync" busy={running} onClick={() => void press()}>
        {t(running ? 'refresh.running' : 'refresh')}
      </Button>
      <span className="end" role="status">
        {done === null ? children : <span className="small ok">{t(`refresh.${done}`)}</span>}
      </span>
      {outcome !== null && done === null && <Failure outcome={outcome} />}
    </>
  );
}

function Failure({ outcome }: { outcome: Outcome }) {
  const t = useText(messages);
  const say = useReasons();
  if (outcome.kind === 'missing') {
    return (
      <div className="card-note">
        <Note tone="idle" icon="lock" alert>
          {t.rich('refresh.missing', { permission: <code translate="no">{outcome.permissions}</code> })}
        </Note>
      </div>
    );
  }
  return (
    <div className="card-note">
      <Note tone="bad" alert>
        <p>{t('refresh.failed')}</p>
        {reasonsOf(outcome).map(say).map(({ text, lang }) => (
          <p key={text} className="small t2" lang={lang} translate="no">
            {text}
          </p>
        ))}
      </Note>
    </div>
  );
}

function reasonsOf(outcome: Outcome): readonly Reason[] {
  if (outcome.kind === 'refused') return outcome.reasons;
  return outcome.kind === 'problem' && outcome.problem.kind === 'failed' ? [{ text: outcome.problem.message }] : [];
}
