import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAsk, usePermission } from '../../data';
import { useFormats, useText } from '../../i18n';
import { useReason } from '../../reasons';
import { personHref } from '../../ui/addresses';
import { Icon } from '../../ui/Icon';
import type { IconName } from '../../ui/icons';
import { messages } from '../messages';
import { TesterQuery } from './queries';
import { useShell } from './ShellContext';

/** While messages are not sent as usual it stands on every page, and stays: what happens to them, and where to change it. */
export function ModeBar() {
  const t = useText(messages);
  const formats = useFormats();
  const { shell } = useShell();
  if (!shell?.delivery) return null;

  const { mode, stoppedUntil, stoppedReason, ownFault } = shell.delivery;
  const tester = shell.settings?.redirectTo;
  if (mode === 'REDIRECT' && tester) {
    return (
      <Bar icon="warning" link={<Link href="/settings#deliveryMode">{t('mode.change')}</Link>}>
        {t.rich('mode.REDIRECT.to', { b: bold, tester: <Tester userId={tester} /> })}
      </Bar>
    );
  }

  if (mode !== 'ON') {
    return (
      <Bar icon={mode === 'SHADOW' ? 'eye' : 'warning'} link={<Link href="/settings#deliveryMode">{t('mode.change')}</Link>}>
        {t.rich(`mode.${mode}`, { b: bold })}
      </Bar>
    );
  }

  if (stoppedUntil) {
    const until = formats.moment(new Date(stoppedUntil));
    return (
      <Bar icon="warning" link={<Link href="/messages">{t('mode.look')}</Link>}>
        {t.rich('mode.STOPPED', { b: bold, until, reason: <Why text={stoppedReason ?? ''} /> })}
      </Bar>
    );
  }

  return ownFault ? (
    <Bar icon="warning">{t.rich('mode.FAULT', { b: bold, reason: <Why text={ownFault} /> })}</Bar>
  ) : null;
}

function bold(text: ReactNode): ReactNode {
  return <b>{text}</b>;
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
function Why({ text }: { text: string }) {
  const sentence = useReason({ text });
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
