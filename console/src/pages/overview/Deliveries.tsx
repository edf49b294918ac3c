import { Link } from 'wouter';
import type { OverviewQuery } from '../../generated/graphql';
import { useFormats, useText } from '../../i18n';
import { Card } from '../../ui/Card';
import { Count } from '../../ui/Count';
import { messages as uiMessages } from '../../ui/messages';
import { countsByGroup, groupOf, RECIPIENT_GROUPS } from '../../ui/recipientStates';
import { Sep } from '../../ui/Sep';
import { StateBar } from '../../ui/StateBar';
import { messages } from './messages';

/** What became of today's recipients, by group; each number leads to its messages. */
export function Deliveries({ data }: { data: OverviewQuery }) {
  const t = useText(messages);
  const say = useText(uiMessages);
  const { list, number } = useFormats();
  const counts = data.today ?? [];
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const sent = data.messages?.totalCount;

  /** 已读 812、未读 391 */
  const states = (group: string) => {
    const its = counts.filter(({ state, count }) => count > 0 && groupOf(state) === group);
    return list(its.map(({ state, count }) => (say.has(`state.${state}`) ? `${say(`state.${state}` as 'state.READ')} ${number(count)}` : state)));
  };

  return (
    <Card
      title={t('today')}
      meta={
        <>
          {t('today.recipients', { count: total })}
          {sent != null && (
            <>
              <Sep />
              {t('today.messages', { count: sent })}
            </>
          )}
        </>
      }
    >
      {total === 0 ? (
        <p className="pad small t2">{t('today.none')}</p>
      ) : (
        <div className="pad">
          <StateBar name={t('today')} counts={counts} />
          <ul className="delivery-groups">
            {countsByGroup(counts).map(([group, count]) => (
              <li key={group}>
                <i className={`fill-${RECIPIENT_GROUPS[group]}`} aria-hidden="true" />
                <span className="t2">
                  {say(`group.${group}`)}
                  {count > 0 && <span className="small t3">{t('today.states', { states: states(group) })}</span>}
                </span>
                {count > 0 ? (
                  <Link className="bold" href={`/messages?group=${group}`}>
                    <Count value={count} />
                  </Link>
                ) : (
                  <span className="t3">
                    <Count value={0} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}
