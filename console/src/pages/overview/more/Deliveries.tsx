import { Fragment } from 'react';
import { Link } from 'wouter';
import type { OverviewQuery } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Card } from '../../../ui/Card';
import { Count } from '../../../ui/Count';
import { messages as uiMessages } from '../../../ui/messages';
import { countsByGroup, groupOf, isKnownState, RECIPIENT_GROUPS, type RecipientGroup } from '../../../ui/recipientStates';
import { Sep } from '../../../ui/Sep';
import { StateBar } from '../../../ui/StateBar';
import { messages } from './messages';

/** States whose whole name repeats the group's. */
const SHORT = ['READ', 'DELIVERED_UNREAD', 'DROPPED_DUPLICATE', 'DROPPED_QUOTA'] as const;
const isShort = (state: string): state is (typeof SHORT)[number] => (SHORT as readonly string[]).includes(state);

/** What became of today's recipients, by group; each number leads to its messages. */
export function Deliveries({ data }: { data: OverviewQuery }) {
  const t = useText(messages);
  const say = useText(uiMessages);
  const counts = data.today ?? [];
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const sent = data.messages?.totalCount;

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
                  {count > 0 && <States group={group} counts={counts} />}
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

/** 已读 812 | 未读 391: what a group is made of, without the group's own words; nothing where it is but one of the same name. */
function States({ group, counts }: { group: RecipientGroup; counts: readonly { state: string; count: number }[] }) {
  const t = useText(messages);
  const say = useText(uiMessages);
  const { number } = useFormats();
  const word = (state: string) => {
    if (isShort(state)) return t(`today.state.${state}`);
    return isKnownState(state) ? say(`state.${state}`) : <span translate="no">{state}</span>;
  };
  const its = counts.filter(({ state, count }) => count > 0 && groupOf(state) === group);
  if (its.every(({ state }) => word(state) === say(`group.${group}`))) return null;
  return (
    <span className="small t3 delivery-states">
      {its.map(({ state, count }, index) => (
        <Fragment key={state}>
          {index > 0 && <Sep />}
          <span className="nowrap">
            {word(state)} {number(count)}
          </span>
        </Fragment>
      ))}
    </span>
  );
}
