import type { OverviewQuery } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Card } from '../../../ui/Card';
import { useNow } from '../../../ui/now';
import { messages } from './messages';

type Month = NonNullable<OverviewQuery['quota']>;

/** The calls of this month that count against DingTalk's quota, and when they end at this pace. */
export function Quota({ month, recipients }: { month: Month; recipients: number }) {
  const t = useText(messages);
  const { number, dayInBeijing, percent } = useFormats();
  const { used, limit, forecastExhaustedAt, monthEndsAt } = month;
  const gone = partOfMonth(new Date(monthEndsAt), useNow());
  const scale = Math.max(limit, used, 1);
  return (
    <Card
      title={t('quota')}
      actions={
        <>
          <b className="num">{number(used)}</b>
          <span className="num t3">{t('quota.of', { limit })}</span>
        </>
      }
    >
      <div className="pad">
        <div className="gauge" role="img" aria-label={t('quota.told', { calls: used, limit, share: percent(gone) })}>
          <i className={used >= limit || forecastExhaustedAt ? 'fill-warn' : 'fill-wait'} style={{ width: `${(used / scale) * 100}%` }} />
          <b style={{ insetInlineStart: `${((limit * gone) / scale) * 100}%` }} />
        </div>
        <p className="row wrap small t2">
          <span className={forecastExhaustedAt ? 'warn' : undefined}>
            {forecastExhaustedAt ? t('quota.forecast', { day: dayInBeijing(new Date(forecastExhaustedAt)) }) : t('quota.lasts')}
          </span>
          <span className="grow" />
          <span className="t3">{t('quota.mark')}</span>
        </p>
        <p className="small t3">{t('quota.text', { recipients, day: dayInBeijing(new Date(monthEndsAt)) })}</p>
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
