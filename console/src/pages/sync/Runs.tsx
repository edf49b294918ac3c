import { useState } from 'react';
import { Link } from 'wouter';
import { useAsk } from '../../data';
import { useText } from '../../i18n';
import { Card } from '../../ui/Card';
import { CardAnswer } from '../../ui/CardAnswer';
import { RelativeTime } from '../../ui/RelativeTime';
import { Verdict } from '../../ui/Verdict';
import { CurrentRun, Idle } from './CurrentRun';
import { EvidencePicture } from './EvidencePicture';
import { History } from './History';
import { messages } from './messages';
import { SyncRunsQuery } from './queries';
import { Removals } from './removals/Removals';
import type { RunFacts } from './runFacts';
import { useRunWords } from './useRunWords';
import { useWhenChanged } from './useWhenChanged';

const STEP = 20;
/** So many are listed: each comes with what it found. */
const MOST = 250;

/** `/sync`: what runs, who may vanish, what the mirror's verdict rests on, and what was before. */
export function Runs({ live, restart }: { live: RunFacts | null; restart: string | undefined }) {
  const t = useText(messages);
  const [first, setFirst] = useState(STEP);
  const asked = useAsk(SyncRunsQuery, { variables: { first }, every: 60, keep: true });
  const { again } = asked;
  useWhenChanged(restart, again);

  return (
    <CardAnswer asked={asked} title={t('tab.runs')} what={t('failed')} lines={8}>
      {(data) => {
        const known = data.syncRuns?.nodes ?? [];
        // What the socket says is newer; a run that just began isn't in the list yet.
        const runs = live ? [live, ...known.filter(({ id }) => id !== live.id)].sort(byStart) : known;
        const running = live ? (live.state === 'RUNNING' ? live : null) : (known.find(({ state }) => state === 'RUNNING') ?? null);
        const last = data.mirror?.lastRun;
        return (
          <div className="col gap16">
            {running ? <CurrentRun run={running} /> : <Idle last={runs[0]} next={data.mirror?.nextRunAt} />}
            <div className="two sync-two">
              <Removals restart={restart} />
              {last?.evidence && <LastEvidence run={last} evidence={last.evidence} />}
            </div>
            <History
              runs={runs}
              total={Math.min(data.syncRuns?.totalCount ?? runs.length, MOST)}
              refreshing={asked.refreshing}
              onMore={() => setFirst(Math.min(first + 2 * STEP, MOST))}
            />
          </div>
        );
      }}
    </CardAnswer>
  );
}

function byStart(a: RunFacts, b: RunFacts): number {
  return b.startedAt.localeCompare(a.startedAt);
}

/** What the mirror's verdict rests on. */
function LastEvidence({ run, evidence }: Parameters<typeof EvidencePicture>[0]) {
  const t = useText(messages);
  const words = useRunWords();
  return (
    <Card
      title={
        <span className="row wrap">
          {t.rich('evidence.of', { run: <Link className="in-text" href={`/sync/${run.id}`}>{words.title(run)}</Link> })}
          <Verdict verdict={run.verdict} />
        </span>
      }
      meta={run.finishedAt && t.rich('run.ended', { when: <RelativeTime at={run.finishedAt} /> })}
    >
      <div className="pad">
        <EvidencePicture run={run} evidence={evidence} />
      </div>
    </Card>
  );
}
