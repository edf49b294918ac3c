import type { SendingFragment } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Gap } from '../../../ui/Gap';
import { useNow } from '../../../ui/now';
import { Popover } from '../../../ui/Popover';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { PER_MINUTE, quotaFigures, STANDARD_QUOTA } from './quotaFigures';

/** 本月发消息的调用 3,914 / 5,000; pressed, what that is made of. */
export function QuotaButton({ sending }: { sending: SendingFragment }) {
  const t = useText(messages);
  const { number } = useFormats();
  const used = <b className="num">{number(sending.callsThisMonth)}</b>;
  const text = t.rich('quota.short', { used, quota: number(STANDARD_QUOTA) });
  return (
    <Popover name={t('quota')} align="end" kind="quiet" text={<span className="quota-button">{text}</span>}>
      {() => (
        <div className="quota-popover">
          <Quota sending={sending} />
        </div>
      )}
    </Popover>
  );
}

/** The month's calls against DingTalk's quota, and the pace of what waits. */
export function Quota({ sending }: { sending: SendingFragment }) {
  const t = useText(messages);
  const formats = useFormats();
  const { used, share, forecast, tone } = quotaFigures(sending, useNow());
  const minutes = Math.ceil(sending.queued / PER_MINUTE);
  return (
    <div className="col gap12">
      <div className="col gap8">
        <p className="row">
          <b className="grow">{t('quota')}</b>
          <span className="num">{t('quota.of', { used, quota: STANDARD_QUOTA })}</span>
        </p>
        <div
          className="quota-bar"
          role="meter"
          aria-label={t('quota')}
          aria-valuemin={0}
          aria-valuemax={STANDARD_QUOTA}
          aria-valuenow={Math.min(used, STANDARD_QUOTA)}
          aria-valuetext={t('quota.of', { used, quota: STANDARD_QUOTA })}
        >
          <i className={`fill-${tone}`} style={{ width: `${share * 100}%` }} />
        </div>
        <p className="small t2">{t('quota.about')}</p>
        <p className="small t2">
          {forecast !== null && <span className={forecast > STANDARD_QUOTA ? 'warn' : undefined}>{t('quota.forecast', { count: forecast })}</span>}
          {forecast !== null && <Gap />}
          {t('quota.resets', { day: formats.dayInBeijing(new Date(sending.monthEndsAt)) })}
        </p>
      </div>
      <dl className="pairs small">
        <dt>{t('pace.month')}</dt>
        <dd className="num">{t('count.people', { count: sending.recipientsThisMonth })}</dd>
        <dt>{t('pace.queued')}</dt>
        <dd className="num">
          {sending.queued === 0 ? t('pace.none') : t('count.people', { count: sending.queued })}
          {minutes > 1 && !sending.stoppedUntil && <span className="t2"> {t('pace.minutes', { count: minutes })}</span>}
        </dd>
        <dt>{t('pace.limit')}</dt>
        <dd className="num">{t('pace.perMinute', { count: PER_MINUTE })}</dd>
        <dt>{t('pace.follow')}</dt>
        <dd>{t(sending.followUp === 'ON' ? 'pace.follow.ON' : 'pace.follow.OFF')}</dd>
        {sending.stoppedUntil && (
          <>
            <dt>{t('pace.stopped')}</dt>
            <dd>
              <RelativeTime at={sending.stoppedUntil} as="moment" />
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}
