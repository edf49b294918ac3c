import { useCallback, useState } from 'react';
import type { ReportsQuery as Answer } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Loading } from '../../../ui/Loading';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { RecordPill } from '../../../ui/RecordPill';
import type { Address } from '../address';
import { useAsker } from '../asking';
import { usePages, type AskPage } from '../list/usePages';
import { messages } from '../messages';
import { PlaceLink } from '../PlaceLink';
import { momentOf } from '../past/moment';
import { ReportsQuery } from '../queries';
import type { Person } from './PersonCard';

type Report = NonNullable<NonNullable<Answer['user']>['directReports']>['nodes'][number];

/** How many report to the person, and on demand who. */
export function Reports({ person, address }: { person: Person; address: Address }) {
  const t = useText(messages);
  const [open, setOpen] = useState(false);
  const { direct, all } = person.reportCount ?? { direct: 0, all: 0 };
  if (direct === 0) return <span className="t3">{t('person.reports.none')}</span>;
  return (
    <>
      <button type="button" className="text-button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('people', { count: direct })}
      </button>{' '}
      {all > direct && <span className="small t3">{t('person.reports.all', { count: all })}</span>}
      {open && <List userId={person.userId} address={address} />}
    </>
  );
}

function List({ userId, address }: { userId: string; address: Address }) {
  const t = useText(messages);
  const ask = useAsker();
  const { asOf } = address.place;
  const askPage = useCallback<AskPage<Report>>(
    async (first, after, signal) => {
      const moment = asOf === null ? null : momentOf(asOf);
      const answer = await ask(ReportsQuery, { userId, first, after, asOf: moment }, signal);
      return answer === null || answer.problem ? answer : { data: answer.data.user?.directReports ?? null, problem: null };
    },
    [ask, userId, asOf],
  );
  const reports = usePages(askPage, 20);
  if (reports.problem && !reports.items) return <ProblemPanel problem={reports.problem} again={reports.again} />;
  if (reports.items === undefined) return <Loading lines={2} />;
  return (
    <ul className="reports">
      {reports.items.map(({ userId: id, name, title, state }) => (
        <li key={id} className="row">
          <PlaceLink address={address} to={{ user: id, about: false }}>
            {name}
          </PlaceLink>
          {title && (
            <span className="small t3 clip" translate="no">
              {title}
            </span>
          )}
          <RecordPill state={state} unlessActive />
        </li>
      ))}
      {reports.more && (
        <li>
          <button type="button" className="text-button small" onClick={reports.next}>
            {t('card.more', { count: (reports.total ?? 0) - reports.items.length })}
          </button>
        </li>
      )}
    </ul>
  );
}
