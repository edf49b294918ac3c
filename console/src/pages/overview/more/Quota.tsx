import type { OverviewQuery } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Card } from '../../../ui/Card';
import { useNow } from '../../../ui/now';
import { messages } from './messages';

/** DingTalk's monthly quota of the standard edition; which edition a company has, DingTalk doesn't say. */
const STANDARD = 5_000;

type Delivery = NonNullable<OverviewQuery['delivery']>;

/** The calls of this month that count against DingTalk's quota, and where they would end at this pace. */
export function Quota({ delivery }: { delivery: Delivery }) {
  const t = useText(messages);
  const { number, dayInBeijing, percent } = useFormats();
  const now = useNow();
  const { callsThisMonth, recipientsThisMonth, monthEndsAt } = delivery;
  const gone = partOfMonth(new Date(monthEndsAt), now);
  // Of the first hours no pace can be told.
  const forecast = gone > 0.03 ? Math.round(callsThisMonth / gone) : null;
  const scale = Math.max(STANDARD, callsThisMonth);
  return (
    <Card
      title={t('quota')}
      actions={
        <>
          <b className="num">{number(callsThisMonth)}</b>
          <span className="num t3">{t('quota.of', { limit: STANDARD })}</span>
        </>
      }
    >
      <div className="pad">
        <div
          className="gauge"
          role="img"
          aria-label={t('quota.told', { calls: callsThisMonth, limit: STANDARD, share: percent(gone) })}
        >
          <i className={callsThisMonth > STANDARD ? 'fill-warn' : 'fill-wait'} style={{ width: `${(callsThisMonth / scale) * 100}%` }} />
          <b style={{ insetInlineStart: `${((STANDARD * gone) / scale) * 100}%` }} />
        </div>
        <p className="row wrap small t2">
          <span>{forecast === null ? t('quota.early') : t('quota.forecast', { calls: forecast })}</span>
          <span className="grow" />
          <span className="t3">{t('quota.mark')}</span>
        </p>
        <p className="small t3">
          {t('quota.text', { recipients: recipientsThisMonth, day: dayInBeijing(new Date(monthEndsAt)) })}
        </p>
      </div>
    </Card>
  );
}

/** How much of DingTalk's month has gone, 0 to 1. It begins and ends at midnight in China. */
export function partOfMonth(end: Date, now: Date): number {
  const china = new Date(end.getTime() + 8 * 3_600_000);
  const start = Date.UTC(china.getUTCFullYear(), china.getUTCMonth() - 1, 1) - 8 * 3_600_000;
  return Math.min(1, Math.max(0, (now.getTime() - start) / (end.getTime() - start)));
}
