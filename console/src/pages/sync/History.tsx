import { Link } from 'wouter';
import { useFormats, useText } from '../../i18n';
import { useReasons } from '../../reasons';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { DataTable, type Column } from '../../ui/DataTable';
import { useNow } from '../../ui/now';
import { RelativeTime } from '../../ui/RelativeTime';
import { Sep } from '../../ui/Sep';
import { useMedia } from '../../ui/useMedia';
import { messages } from './messages';
import { reasonsOf, secondsOf, type RunFacts } from './runFacts';
import { RunState } from './RunState';
import { useRunWords } from './useRunWords';

/** The runs, newest first: what each is worth and why, and what it did. */
export function History({
  runs,
  total,
  onMore,
  refreshing,
}: {
  runs: readonly RunFacts[];
  total: number | null | undefined;
  onMore: () => void;
  refreshing: boolean;
}) {
  const t = useText(messages);
  const formats = useFormats();
  const words = useRunWords();
  const now = useNow();
  // Where the table is narrow, two of its columns stand below the first.
  const folded = useMedia('(max-width: 1300px)');

  const columns: Column<RunFacts>[] = [
    {
      title: t('history.start'),
      nowrap: true,
      cell: (run) => (
        <>
          {run.number != null && <span className="num t3" translate="no">#{run.number} </span>}
          <Link href={`/sync/${run.id}`}>
            <RelativeTime at={run.startedAt} as="moment" />
          </Link>
          {folded && (
            <span className="small t3 below">
              {words.kind(run)}
              <Sep />
              {words.trigger(run)}
            </span>
          )}
        </>
      ),
    },
    { title: t('history.verdict'), cell: (run) => <RunState run={run} /> },
    { title: t('history.why'), cell: (run) => <Why run={run} /> },
    ...(folded
      ? []
      : [
          { title: t('history.mode'), nowrap: true, cell: words.kind },
          { title: t('history.trigger'), nowrap: true, cell: (run: RunFacts) => <span className="t2">{words.trigger(run)}</span> },
        ]),
    { title: t('history.took'), nowrap: true, end: true, cell: (run) => formats.duration(secondsOf(run, now)) },
    { title: t('history.calls'), end: true, cell: (run) => formats.number(run.counts.totalCalls) },
    { title: t('history.changed'), nowrap: true, cell: (run) => <Changed run={run} /> },
    {
      title: t('history.removed'),
      nowrap: true,
      end: true,
      cell: ({ counts }) => t('history.removedHeld', { removed: counts.removed, held: counts.held }),
    },
  ];

  const left = (total ?? 0) - runs.length;
  return (
    <Card title={t('history')} actions={<Link className="small" href="/sync/changes">{t('history.changes')}</Link>}>
      <DataTable
        name={t('history.table')}
        rows={runs}
        columns={columns}
        id={(run) => run.id}
        empty={<p className="pad t2">{t('history.none')}</p>}
      />
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

/** The first reason of a run, and how many more there are. */
function Why({ run }: { run: RunFacts }) {
  const t = useText(messages);
  const reasons = useReasons();
  const all = reasonsOf(run);
  const first = all[0];
  if (run.state === 'RUNNING' && !first) return <span className="t2">{t('why.running')}</span>;
  if (!first) return <span className="t2">{t('why.agree')}</span>;
  const said = reasons(first);
  return (
    <span className="t2 why">
      <span lang={said.lang} translate="no">
        {said.text}
      </span>
      {all.length > 1 && <span className="t3 nowrap"> {t('why.more', { count: all.length - 1 })}</span>}
    </span>
  );
}

/** 6 人，1 个部门 */
function Changed({ run }: { run: RunFacts }) {
  const t = useText(messages);
  const { usersChanged, departmentsChanged } = run.counts;
  if (usersChanged + departmentsChanged === 0) return <span className="t3">{t('changed.nothing')}</span>;
  if (departmentsChanged === 0) return t('what.users', { count: usersChanged });
  if (usersChanged === 0) return t('what.departments', { count: departmentsChanged });
  return t('what.both', {
    users: t('what.users', { count: usersChanged }),
    departments: t('what.departments', { count: departmentsChanged }),
  });
}
