import './submit.css';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useShell } from '../../../app/shell/ShellContext';
import { useText } from '../../../i18n';
import { useSaid } from '../../../reasons/settings';
import { Button } from '../../../ui/Button';
import { Said } from '../../../ui/Said';
import { Sep } from '../../../ui/Sep';
import { messages } from '../messages';
import { useForm } from '../useForm';
import { valuesOf } from '../values';
import { focusRow } from './focus';
import type { Outcome } from './useSubmit';

/** Always in sight: how much isn't submitted yet, what became of the last submission, Reset and Submit. */
export function SubmitBar({ outcome, submitting, onReset, children }: {
  outcome: Outcome | null;
  submitting: boolean;
  onReset: () => void;
  /** What else can be done with the form. */
  children: ReactNode;
}) {
  const t = useText(messages);
  const form = useForm();
  const { changed, mistakes, base } = form;
  const wrong = [...new Set(mistakes.map(({ field }) => field))];

  return (
    <div className="submit-bar">
      <div className="row wrap submit-told" role="status">
        {changed.length > 0 ? (
          <span className="t2">{t('bar.changed', { count: changed.length })}</span>
        ) : (
          outcome === null && <span className="t3">{t('bar.none')}</span>
        )}
        {wrong.length > 0 && (
          <>
            <Sep />
            <button type="button" className="text-button bad" onClick={() => wrong[0] && focusRow(wrong[0])}>
              {t('bar.wrong', { count: wrong.length })}
            </button>
          </>
        )}
        <Told outcome={outcome} changed={changed.length > 0} complete={base.complete} />
      </div>
      <span className="grow wide-only" />
      {changed.length > 0 && (
        <Button kind="quiet" icon="undo" onClick={() => form.begin(base, valuesOf(base))}>
          {t('bar.undo')}
        </Button>
      )}
      {children}
      <Button onClick={onReset}>{t('reset')}</Button>
      <Button kind="primary" type="submit" busy={submitting}>
        {submitting ? t('submitting') : t('submit')}
      </Button>
    </div>
  );
}

function Told({ outcome, changed, complete }: { outcome: Outcome | null; changed: boolean; complete: boolean }) {
  const t = useText(messages);
  const { shell } = useShell();
  const form = useForm();
  const say = useSaid();
  const others = form.mistakes.filter(({ field }) => field === null);
  switch (outcome?.kind) {
    case 'stored':
      if (changed) return null;
      return (
        <>
          <span className="ok">{t('bar.stored', { version: outcome.version })}</span>
          {complete && shell?.mirror && shell.mirror.asOf == null && <Link href="/sync">{t('bar.firstSync')}</Link>}
        </>
      );
    case 'nothing':
      return changed ? null : <span className="t2">{t('bar.nothing')}</span>;
    case 'conflict':
      return changed ? <span className="warn">{t(form.conflict ? 'bar.conflict' : 'bar.overtaken')}</span> : null;
    case 'refused':
      return others.length > 0 ? (
        <span className="bad">
          {others.map(({ reason }) => (
            <Said key={reason.text} sentence={say(reason)} />
          ))}
        </span>
      ) : null;
    case 'problem': {
      const { problem } = outcome;
      if (problem.kind === 'offline') return <span className="bad">{t('bar.offline')}</span>;
      if (problem.kind === 'forbidden') {
        return (
          <span className="bad">
            {t.rich('bar.forbidden', { permissions: <code translate="no">{problem.permissions.join(', ')}</code> })}
          </span>
        );
      }
      if (problem.kind === 'failed') {
        return (
          <span className="bad">
            {t('bar.failed')}{' '}
            <code translate="no">
              {problem.code} {problem.requestId}
            </code>
          </span>
        );
      }
      return null;
    }
    default:
      return null;
  }
}
