import { useState } from 'react';
import { useAsk } from '../../data';
import type { OneSyncRunQuery } from '../../generated/graphql';
import { useFormats, useText } from '../../i18n';
import { useReasons } from '../../reasons';
import { ChangeRow, useNames, type ChangeFacts } from '../../shared/changes';
import { Button, LinkButton } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { CardAnswer } from '../../ui/CardAnswer';
import { DataTable, type Column } from '../../ui/DataTable';
import { useNow } from '../../ui/now';
import { Panel } from '../../ui/Panel';
import { Said } from '../../ui/Said';
import { ReasonSentence } from '../../ui/ReasonSentence';
import { RelativeTime } from '../../ui/RelativeTime';
import { Sep } from '../../ui/Sep';
import { verdictTone } from '../../ui/Verdict';
import { Calls } from './Calls';
import { RunSums } from './CurrentRun';
import { EvidencePicture } from './EvidencePicture';
import { messages } from './messages';
import { SyncRunQuery } from './queries';
import { reasonsOf, secondsOf, type RunFacts } from './runFacts';
import { RunState } from './RunState';
import { RunTimeline } from './RunTimeline';
import { useRunWords } from './useRunWords';

type Run = Omit<NonNullable<OneSyncRunQuery['syncRun']>, keyof RunFacts> & RunFacts;

const STEP = 50;

/** `/sync/:runId`: what a run read, what it is worth and why, and what it changed. `live`: the run under way, if it is this one. */
export function RunPage({ id, live }: { id: string; live: RunFacts | null }) {
  const t = useText(messages);
  const [shown, setShown] = useState({ changes: STEP, errors: STEP });
  const running = live?.id === id && live.state === 'RUNNING';
  const asked = useAsk(SyncRunQuery, { variables: { id, ...shown }, every: running ? 10 : undefined, keep: true });
  return (
    <CardAnswer asked={asked} title={t('run')} what={t('run.failed')} lines={8}>
      {({ syncRun }) =>
        syncRun ? (
          <Whole
            run={running ? { ...syncRun, ...live } : syncRun}
            refreshing={asked.refreshing}
            onMore={(of) => setShown({ ...shown, [of]: shown[of] + 4 * STEP })}
          />
        ) : (
          <Nothing />
        )
      }
    </CardAnswer>
  );
}

function Nothing() {
  const t = useText(messages);
  return (
    <Card title={t('run')}>
      <Panel title={t('run.nothing')} action={<LinkButton href="/sync">{t('run.all')}</LinkButton>}>
        {t('run.nothing.text')}
      </Panel>
    </Card>
  );
}

function Whole({ run, refreshing, onMore }: { run: Run; refreshing: boolean; onMore: (of: 'changes' | 'errors') => void }) {
  const t = useText(messages);
  const formats = useFormats();
  const words = useRunWords();
  const now = useNow();
  const reasons = reasonsOf(run);
  const tone = run.state === 'FINISHED' ? verdictTone(run.verdict) : run.state === 'FAILED' ? 'bad' : 'warn';
  return (
    <div className="col gap16">
      <Card pad>
        <div className="row wrap">
          <RunState run={run} />
          <h2>{words.title(run)}</h2>
          <span className="small t3">
            {words.trigger(run)}
            {run.strategy && (
              <>
                <Sep />
                {t(run.strategy === 'BULK' ? 'strategy.BULK' : 'strategy.SEVEN_URLS')}
              </>
            )}
            <Sep />
            {t('run.took', { time: formats.duration(secondsOf(run, now)) })}
            {run.finishedAt && (
              <>
                <Sep />
                {t.rich('run.ended', { when: <RelativeTime at={run.finishedAt} /> })}
              </>
            )}
          </span>
        </div>
        {run.mode === 'DRY_RUN' && <p className="small t2 run-line">{t('run.dry')}</p>}
        <div className="current-timeline">
          <RunTimeline run={run} />
        </div>
        {reasons.length > 0 ? (
          <ul className="col gap8 run-line">
            {reasons.map((reason) => (
              <li key={reason.text}>
                <ReasonSentence reason={reason} tone={tone === 'ok' ? 'idle' : tone} />
              </li>
            ))}
          </ul>
        ) : (
          run.verdict === 'COMPLETE' && <p className="small t2 run-line">{t('why.agree.long')}</p>
        )}
      </Card>
      <div className="two sync-two">
        <Changed run={run} refreshing={refreshing} onMore={() => onMore('changes')} />
        <div className="col gap16">
          {run.evidence && (
            <Card title={t('evidence')} pad>
              <EvidencePicture run={run} evidence={run.evidence} />
            </Card>
          )}
          <Card title={t('calls')} pad>
            <div className="col gap12">
              <Calls calls={run.counts.calls} />
              <RunSums run={run} />
            </div>
          </Card>
        </div>
      </div>
      <Unread run={run} refreshing={refreshing} onMore={() => onMore('errors')} />
    </div>
  );
}

/** What the run changed, or, of a dry run, would change. */
function Changed({ run, refreshing, onMore }: { run: Run; refreshing: boolean; onMore: () => void }) {
  const t = useText(messages);
  const { number } = useFormats();
  const nodes: readonly ChangeFacts[] = run.changes?.nodes ?? [];
  const names = useNames(nodes);
  const total = run.changes?.totalCount ?? nodes.length;
  const left = total - nodes.length;
  const dry = run.mode === 'DRY_RUN';
  const nothing =
    run.state === 'RUNNING'
      ? t(dry ? 'run.wouldChangeLater' : 'run.changedLater')
      : t(dry ? 'run.wouldChangeNothing' : 'run.changedNothing');
  return (
    <Card title={t(dry ? 'run.wouldChange' : 'run.changed')} count={number(total)}>
      {nodes.length === 0 ? (
        <p className="pad t2">{nothing}</p>
      ) : (
        <ul>
          {nodes.map((change) => (
            <ChangeRow key={`${change.entity}:${change.entityId}`} change={change} names={names} />
          ))}
        </ul>
      )}
      {left > 0 && (
        <p className="pad">
          <Button kind="quiet" small busy={refreshing} onClick={onMore}>
            {t('history.more', { count: left })}
          </Button>
        </p>
      )}
    </Card>
  );
}

type EntryError = NonNullable<Run['entryErrors']>['nodes'][number];

/** The records that the run could not read; they keep their last good state. */
function Unread({ run, refreshing, onMore }: { run: Run; refreshing: boolean; onMore: () => void }) {
  const t = useText(messages);
  const { number } = useFormats();
  const say = useReasons();
  const nodes = run.entryErrors?.nodes ?? [];
  const total = run.entryErrors?.totalCount ?? nodes.length;
  if (nodes.length === 0) return null;
  const columns: Column<EntryError>[] = [
    { title: t('unread.subject'), nowrap: true, cell: ({ subject }) => <span translate="no">{subject}</span> },
    { title: t('unread.code'), cell: ({ code }) => code && <code translate="no">{code}</code> },
    {
      title: t('unread.message'),
      cell: ({ statement }) => <Said sentence={say(statement)} />,
    },
  ];
  return (
    <Card title={t('unread')} count={number(total)} meta={t('unread.kept')}>
      <DataTable name={t('unread.table')} rows={nodes} columns={columns} id={({ subject }) => subject} />
      {total > nodes.length && (
        <p className="pad">
          <Button kind="quiet" small busy={refreshing} onClick={onMore}>
            {t('history.more', { count: total - nodes.length })}
          </Button>
        </p>
      )}
    </Card>
  );
}
