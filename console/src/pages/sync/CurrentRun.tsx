import { Link } from 'wouter';
import { useFormats, useText } from '../../i18n';
import { Card } from '../../ui/Card';
import { Note } from '../../ui/Note';
import { RelativeTime } from '../../ui/RelativeTime';
import { Sep } from '../../ui/Sep';
import { useReasons } from '../../reasons';
import { Calls } from './Calls';
import { messages } from './messages';
import type { RunFacts } from './runFacts';
import { RunState } from './RunState';
import { RunTimeline } from './RunTimeline';
import { useRunWords } from './useRunWords';

/** The run under way: where it is, how far, for how long still, and what it asked DingTalk. */
export function CurrentRun({ run }: { run: RunFacts }) {
  const t = useText(messages);
  const formats = useFormats();
  const words = useRunWords();
  const reasons = useReasons();
  const waits = run.errorStatement ? reasons(run.errorStatement) : null;
  const { etaSeconds } = run.progress;
  return (
    <Card pad>
      <div className="row wrap">
        <RunState run={run} />
        <h2>
          <Link href={`/sync/${run.id}`}>{words.title(run)}</Link>
        </h2>
        <span className="small t3">
          {words.trigger(run)}
          {run.strategy && (
            <>
              <Sep />
              {t(run.strategy === 'BULK' ? 'strategy.BULK' : 'strategy.SEVEN_URLS')}
            </>
          )}
        </span>
        <span className="grow" />
        <span className="small t2">
          {etaSeconds == null ? t('run.unknownEta') : t.rich('run.eta', { time: <b className="num">{formats.duration(etaSeconds)}</b> })}
        </span>
      </div>
      <div className="current-timeline">
        <RunTimeline run={run} />
      </div>
      {waits && (
        <Note tone="warn">
          <span lang={waits.lang} translate="no">
            {waits.text}
          </span>
        </Note>
      )}
      <div className="run-work">
        <Calls calls={run.counts.calls} />
        <RunSums run={run} />
      </div>
    </Card>
  );
}

/** Calls in all, how often DingTalk was too busy, and what becomes of the run when the page is closed. */
export function RunSums({ run }: { run: RunFacts }) {
  const t = useText(messages);
  const formats = useFormats();
  const { totalCalls, throttled, resumedAnswers } = run.counts;
  return (
    <div className="small t2 run-sums">
      <p>{t.rich('calls.total', { count: <b className="num">{formats.number(totalCalls)}</b> })}</p>
      <p>{throttled > 0 ? t('calls.throttled', { count: throttled }) : t('calls.unthrottled')}</p>
      {resumedAnswers > 0 && <p>{t('calls.resumed', { count: resumedAnswers })}</p>}
      {run.state === 'RUNNING' && <p className="t3">{t('run.goesOn')}</p>}
    </div>
  );
}

/** Nothing runs: which run was the last, how it ended, and when the timer begins the next one. */
export function Idle({ last, next }: { last: RunFacts | undefined; next: string | null | undefined }) {
  const t = useText(messages);
  const words = useRunWords();
  return (
    <Card>
      <p className="pad row wrap">
        <b>{t('idle')}</b>
        {last?.finishedAt && (
          <span className="small t2 row wrap">
            <span>
              {t.rich('idle.last', {
                run: <Link className="in-text" href={`/sync/${last.id}`}>{words.title(last)}</Link>,
                when: <RelativeTime at={last.finishedAt} />,
              })}
            </span>
            <RunState run={last} />
          </span>
        )}
        <span className="small t2 end">
          {next ? t.rich('idle.next', { when: <RelativeTime at={next} as="moment" /> }) : t('idle.next.none')}
        </span>
      </p>
    </Card>
  );
}
