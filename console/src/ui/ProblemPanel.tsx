import { useEffect, useState, type ReactNode } from 'react';
import { reconnect, useConnection, type Problem } from '../data';
import { useFormats, useText } from '../i18n';
import { Button, LinkButton } from './Button';
import { CopyButton } from './CopyButton';
import { messages } from './messages';
import { Panel } from './Panel';

/** A problem with its remedy. `what`: a title that says what is missing, say 看不到手机和邮箱. */
export function ProblemPanel({ problem, what, again }: { problem: Problem; what?: ReactNode; again?: () => void }) {
  const t = useText(messages);
  switch (problem.kind) {
    case 'offline':
      return <OfflinePanel />;
    case 'forbidden':
      return <LockPanel permissions={problem.permissions} what={what} />;
    case 'signedOut':
      return (
        <Panel icon="lock" title={t('panel.signedOut')}>
          {t('panel.signedOut.text')}
        </Panel>
      );
    case 'failed':
      return (
        <Panel
          icon="warning"
          tone="bad"
          title={what ?? t('panel.failed')}
          action={again && <Button onClick={again}>{t('panel.again')}</Button>}
        >
          <p className="t2">{t('panel.failed.text')}</p>
          <p className="small t3">
            <code translate="no">
              {problem.code} {problem.requestId}
            </code>{' '}
            <CopyButton text={[problem.code, problem.requestId, problem.message].filter(Boolean).join(' ')} />
          </p>
          <p className="small t3" lang="en" translate="no">
            {problem.message}
          </p>
        </Panel>
      );
  }
}

/** Names the permissions that are missing, and where the reader sees what they have. */
export function LockPanel({ permissions, what }: { permissions: readonly string[]; what?: ReactNode }) {
  const t = useText(messages);
  return (
    <Panel
      icon="lock"
      title={what ?? t('panel.forbidden')}
      action={
        <LinkButton kind="quiet" href="/permissions">
          {t('panel.permissions')}
        </LinkButton>
      }
    >
      <p className="t2">{t('panel.forbidden.text')}</p>
      <p className="row wrap">
        {permissions.map((name) => (
          <code key={name} className="pill idle bare" translate="no">
            {name}
          </code>
        ))}
      </p>
    </Panel>
  );
}

function OfflinePanel() {
  const t = useText(messages);
  const formats = useFormats();
  const { lastAnswerAt, retryAt } = useConnection();
  const seconds = useSecondsUntil(retryAt);
  return (
    <Panel
      icon="warning"
      tone="warn"
      title={t('panel.offline')}
      action={<Button onClick={reconnect}>{t('panel.reconnect')}</Button>}
    >
      {lastAnswerAt
        ? t('panel.offline.text', { time: formats.time(lastAnswerAt), seconds })
        : t('panel.offline.never', { seconds })}
    </Panel>
  );
}

/** Counts down to a moment; 0 when it has come. */
export function useSecondsUntil(moment: Date | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (moment === null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [moment]);
  return moment === null ? 0 : Math.max(0, Math.ceil((moment.getTime() - now) / 1_000));
}
