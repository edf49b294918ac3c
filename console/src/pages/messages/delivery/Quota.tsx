import { Fragment } from 'react';
import type { QuotaFragment, SendingFragment } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Gap } from '../../../ui/Gap';
import { Popover } from '../../../ui/Popover';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { PER_MINUTE } from './limits';

interface Figures {
  sending: SendingFragment;
  quota: QuotaFragment;
}

/** 本月发消息的调用 3,914 / 5,000; pressed, what that is made of. */
export function QuotaButton({ sending, quota }: Figures) {
  const t = useText(messages);
  const { number } = useFormats();
  const used = <b className="num">{number(quota.used)}</b>;
  const text = t.rich('quota.short', { used, quota: number(quota.limit) });
  return (
    <Popover name={t('quota')} align="end" kind="quiet" text={<span className="quota-button">{text}</span>}>
      {() => (
        <div className="quota-popover">
          <Quota sending={sending} quota={quota} />
        </div>
      )}
    </Popover>
  );
}

/** The month's calls against DingTalk's quota, what they were for, and the pace of what waits. */
export function Quota({ sending, quota }: Figures) {
  const t = useText(messages);
  const formats = useFormats();
  const { used, limit, forecastExhaustedAt, monthEndsAt } = quota;
  const minutes = Math.ceil(sending.queued / PER_MINUTE);
  return (
    <div className="col gap12">
      <div className="col gap8">
        <p className="row">
          <b className="grow">{t('quota')}</b>
          <span className="num">{t('quota.of', { used, quota: limit })}</span>
        </p>
        <div
          className="quota-bar"
          role="meter"
          aria-label={t('quota')}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={Math.min(used, limit)}
          aria-valuetext={t('quota.of', { used, quota: limit })}
        >
          <i className={`fill-${toneOf(quota)}`} style={{ width: `${Math.min(1, used / Math.max(1, limit)) * 100}%` }} />
        </div>
        <p className="small t2">{t('quota.about')}</p>
        <p className="small t2">
          {forecastExhaustedAt && (
            <span className="warn">{t('quota.forecast', { day: formats.dayInBeijing(new Date(forecastExhaustedAt)) })}</span>
          )}
          {forecastExhaustedAt && <Gap />}
          {t('quota.resets', { day: formats.dayInBeijing(new Date(monthEndsAt)) })}
        </p>
      </div>
      <dl className="pairs small">
        {quota.byPurpose
          .filter(({ calls }) => calls > 0)
          .map(({ purpose, calls }) => (
            <Fragment key={purpose}>
              <dt>{t(`quota.for.${purpose}`)}</dt>
              <dd className="num">{formats.number(calls)}</dd>
            </Fragment>
          ))}
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

function toneOf({ used, limit, forecastExhaustedAt }: QuotaFragment): 'bad' | 'warn' | 'wait' {
  if (used >= limit) return 'bad';
  return used >= 0.9 * limit || forecastExhaustedAt ? 'warn' : 'wait';
}
