import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { ResolutionStatus } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { personHref } from '../../../ui/addresses';
import { Button } from '../../../ui/Button';
import { Count } from '../../../ui/Count';
import { DataTable } from '../../../ui/DataTable';
import { messages } from '../messages';
import { csvOf, saveFile } from '../parts/csv';
import { STATUS_ORDER, StatusPill } from '../parts/StatusPill';
import { FindThem } from './FindThem';
import type { Resolved } from './Who';

const STEP = 100;

/** The answers, line by line, by status where the reader wants; and all of them as a file. */
export function WhoResults({ results, onLinked }: { results: readonly Resolved[]; onLinked: () => void }) {
  const t = useText(messages);
  const say = useReasons();
  const [status, setStatus] = useState<ResolutionStatus | null>(null);
  const [shown, setShown] = useState(STEP);
  const counts = useMemo(() => {
    const made = new Map<ResolutionStatus, number>();
    for (const { answer } of results) made.set(answer.status, (made.get(answer.status) ?? 0) + 1);
    return made;
  }, [results]);
  // The answers stand below the form, which may fill the window.
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.focus(), [results]);
  const rows = status ? results.filter(({ answer }) => answer.status === status) : results;
  const choose = (to: ResolutionStatus | null) => {
    setStatus(to);
    setShown(STEP);
  };

  const save = () => {
    const columns = ['displayName', 'username', 'email', 'userKey', 'accountId', 'status', 'userId', 'name', 'jobNumber', 'department', 'title', 'rule', 'key', 'reason', 'candidates'];
    const lines = rows.map(({ identity, answer }) => {
      return [
        ...[identity.displayName, identity.username, identity.email, identity.userKey, identity.accountId],
        ...[answer.status, answer.user?.userId, answer.user?.name, answer.user?.jobNumber],
        ...[answer.user?.primaryDepartment?.name, answer.user?.title, answer.rule, answer.key],
        say(answer.reasonStatement).text,
        answer.status === 'AMBIGUOUS' ? answer.candidates.map((person) => `${person.name} ${person.userId}`).join('; ') : '',
      ];
    });
    saveFile('dingmirror-who.csv', csvOf(columns, lines));
  };

  return (
    <section ref={section} className="who-results" aria-label={t('who.results')} tabIndex={-1}>
      <div className="row wrap pad who-head">
        <div className="row wrap matching-choices" role="group" aria-label={t('who.filter')}>
          <button type="button" className="chip" aria-pressed={status === null} onClick={() => choose(null)}>
            {t('who.all')} <Count value={results.length} />
          </button>
          {STATUS_ORDER.filter((each) => counts.has(each)).map((each) => (
            <button key={each} type="button" className="chip" aria-pressed={status === each} onClick={() => choose(each)}>
              {t(`status.${each}`)} <Count value={counts.get(each) ?? 0} />
            </button>
          ))}
        </div>
        <span className="grow" />
        <p className="unseen" role="status">
          {t('who.done', { count: results.length })}
        </p>
        <Button icon="download" onClick={save}>
          {t('who.save', { count: rows.length })}
        </Button>
      </div>
      <DataTable
        name={t('who.results')}
        rows={rows.slice(0, shown)}
        id={(row) => String(row.line)}
        columns={[
          {
            title: t('who.asked'),
            cell: (row) => (
              <span className="who-asked" translate="no">
                {row.text}
              </span>
            ),
          },
          { title: t('column.status'), nowrap: true, cell: ({ answer }) => <StatusPill status={answer.status} /> },
          { title: t('column.dingtalk'), cell: (row) => <Whom {...row} onLinked={onLinked} /> },
          {
            title: t('column.why'),
            cell: ({ answer }) => {
              const sentence = say(answer.reasonStatement);
              return (
                <span className="small t2 who-why" lang={sentence.lang} translate={sentence.translate}>
                  {sentence.text}
                </span>
              );
            },
          },
        ]}
      />
      {rows.length > shown && (
        <div className="pad">
          <Button small onClick={() => setShown(shown + STEP)}>
            {t('who.more', { count: Math.min(STEP, rows.length - shown) })}
          </Button>
        </div>
      )}
    </section>
  );
}

function Whom(row: Resolved & { onLinked: () => void }) {
  const { answer } = row;
  if (answer.user) {
    return (
      <span className="matching-user">
        <Link href={personHref(answer.user.userId)} className="bold" translate="no">
          {answer.user.name}
        </Link>
        <span className="small t2" translate="no">
          {[answer.user.primaryDepartment?.name, answer.user.title].filter(Boolean).join(' ')}
        </span>
      </span>
    );
  }
  if (answer.candidates.length === 0) return <FindThem {...row} />;
  return (
    <span className="row wrap">
      {answer.candidates.map((person) => (
        <Link key={person.userId} href={personHref(person.userId)} translate="no">
          {person.name}
        </Link>
      ))}
      <FindThem {...row} />
    </span>
  );
}
