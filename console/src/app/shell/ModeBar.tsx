import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAsk, usePermission } from '../../data';
import { useFormats, useText } from '../../i18n';
import { useReason, type Reason } from '../../reasons';
import { personHref } from '../../ui/addresses';
import { Icon } from '../../ui/Icon';
import type { IconName } from '../../ui/icons';
import { Sep } from '../../ui/Sep';
import { messages } from '../messages';
import { TesterQuery } from './queries';
import { useShell } from './ShellContext';

/** While messages are not sent as usual it stands on every page, and stays: what happens to them, and where to change it. */
export function ModeBar() {
  const t = useText(messages);
  const formats = useFormats();
  const { shell } = useShell();
  if (!shell?.delivery) return null;

  const { mode, stoppedUntil, stoppedStatement, ownFaultStatement } = shell.delivery;
  const tester = shell.settings?.redirectTo;
  const since = <Since by={shell.delivery.modeSetBy} at={shell.delivery.modeSetAt} />;
  if (mode === 'REDIRECT' && tester) {
    return (
      <Bar icon="warning" link={<Link href="/settings#deliveryMode">{t('mode.change')}</Link>}>
        {t.rich('mode.REDIRECT.to', { b: bold, tester: <Tester userId={tester} /> })}
        {since}
      </Bar>
    );
  }

  if (mode !== 'ON') {
    return (
      <Bar icon={mode === 'SHADOW' ? 'eye' : 'warning'} link={<Link href="/settings#deliveryMode">{t('mode.change')}</Link>}>
        {t.rich(`mode.${mode}`, { b: bold })}
        {since}
      </Bar>
    );
  }

  if (stoppedUntil) {
    const until = formats.moment(new Date(stoppedUntil));
    return (
      <Bar icon="warning" link={<Link href="/messages">{t('mode.look')}</Link>}>
        {t.rich('mode.STOPPED', { b: bold, until, reason: stoppedStatement && <Why reason={stoppedStatement} /> })}
      </Bar>
    );
  }

  return ownFaultStatement ? (
    <Bar icon="warning">{t.rich('mode.FAULT', { b: bold, reason: <Why reason={ownFaultStatement} /> })}</Bar>
  ) : null;
}

function bold(text: ReactNode): ReactNode {
  return <b>{text}</b>;
}

/** Who set the mode, and when; nothing where nobody has. */
function Since({ by, at }: { by: string | null | undefined; at: string | null | undefined }) {
  const t = useText(messages);
  const formats = useFormats();
  if (!by || !at) return null;
  return (
    <span className="t2">
      <Sep />
      {t.rich('mode.since', { by: <span translate="no">{by}</span>, when: formats.moment(new Date(at)) })}
    </span>
  );
}

/** The tester by name; by `userId` where the name can't be had. */
function Tester({ userId }: { userId: string }) {
  const { data } = useAsk(TesterQuery, { variables: { userId }, pause: !usePermission('directory:read') });
  return (
    <Link href={personHref(userId)}>
      <span translate="no">{data?.user?.name ?? userId}</span>
    </Link>
  );
}

/** The sentences of reasons are loaded when there is one. */
function Why({ reason }: { reason: Reason }) {
  const sentence = useReason(reason);
  return <span lang={sentence.lang}>{sentence.text}</span>;
}

/** A line under the top bar. */
export function Bar({
  icon,
  link,
  quiet,
  children,
}: {
  icon: IconName;
  link?: ReactNode;
  /** A screen reader doesn't read it out: something else does. */
  quiet?: boolean;
  children: ReactNode;
}) {
  const t = useText(messages);
  return (
    <section className="modebar" aria-label={t('bar')}>
      <Icon name={icon} />
      <span className="grow" role={quiet ? undefined : 'status'}>
        {children}
      </span>
      {link}
    </section>
  );
}
