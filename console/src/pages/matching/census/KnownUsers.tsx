import { Link, useLocation } from 'wouter';
import type { MatchingNowQuery, ResolutionStatus } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Card } from '../../../ui/Card';
import { Count } from '../../../ui/Count';
import { messages } from '../messages';
import { LISTS } from '../parts/address';
import { STATUSES } from '../parts/StatusPill';

type Known = NonNullable<MatchingNowQuery['matchingCensus']>;

/** The Confluence users who are known, by what they come to; each figure leads to its list. */
export function KnownUsers({ known }: { known: Known }) {
  const t = useText(messages);
  const [location] = useLocation();
  const figures: [ResolutionStatus, number][] = [
    ['MATCHED', known.matched],
    ['AMBIGUOUS', known.ambiguous],
    ['UNMATCHED', known.unmatched],
    ['INACTIVE', known.inactive],
    ['HELD', known.held],
  ];
  return (
    <Card>
      <div className="pad known-users">
        <div className="grow known-title">
          <h2>{t('known.title', { count: known.knownIdentities })}</h2>
          <p className="small t3">{known.knownIdentities > 0 ? t('known.text') : t('known.none')}</p>
        </div>
        <ul className="known-figures">
          {figures.map(([status, count]) => (
            <li key={status}>
              <Link href={LISTS[status]} aria-current={location === LISTS[status] ? 'page' : undefined}>
                <span className="known-figure">
                  <Count value={count} />
                </span>{' '}
                <span className={`small ${count > 0 ? STATUSES[status][0] : 't3'}`}>{t(`status.${status}`)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}
