import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../../i18n';
import { runIdOf, type ChangeFacts } from './ids';
import { messages } from './messages';

/** What made a change: a run leads to its page, a person is named. */
export function useCause(): (change: Pick<ChangeFacts, 'cause' | 'causeId'>) => ReactNode {
  const t = useText(messages);
  return ({ cause, causeId }) => {
    if (cause === undefined) return undefined;
    if (cause === 'RUN' && causeId) return <Link className="in-text" href={`/sync/${runIdOf(causeId)}`}>{t('cause.RUN')}</Link>;
    if ((cause === 'REQUEST' || cause === 'DECISION') && causeId) {
      return t.rich(`cause.${cause}.by`, { who: <span translate="no">{causeId}</span> });
    }
    return t(`cause.${cause}`);
  };
}
