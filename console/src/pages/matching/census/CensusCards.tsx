import './census.css';
import { useAsk } from '../../../data';
import type { CensusFiguresFragment, MatchingMethod } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { useMatching } from '../context';
import { messages } from '../messages';
import { CensusCard } from './CensusCard';
import { MatchingOtherwiseQuery } from './queries';

/** The other method. */
export function otherThan(method: MatchingMethod): MatchingMethod {
  return method === 'EMAIL_TO_EMAIL' ? 'USERNAME_TO_JOB_NUMBER' : 'EMAIL_TO_EMAIL';
}

/** Both methods beside each other, the one of the settings' form first, whichever is in force. */
export function CensusCards() {
  const t = useText(messages);
  const { now } = useMatching();
  const current = now.data?.matchingCensus;
  if (current) return <BothMethods current={current} />;
  return (
    <div className="card census-waits">
      <Answer asked={now} what={t('census.failed')} lines={5}>
        {() => null}
      </Answer>
    </div>
  );
}

function BothMethods({ current }: { current: CensusFiguresFragment }) {
  const method = otherThan(current.method);
  const asked = useAsk(MatchingOtherwiseQuery, { variables: { method } });
  const other = asked.data?.matchingCensus;
  const cards = [
    <CensusCard key={current.method} figures={current} inForce />,
    other && other.method === method && <CensusCard key={method} figures={other} />,
  ];
  return <div className="census-cards">{current.method === 'EMAIL_TO_EMAIL' ? cards : cards.reverse()}</div>;
}
