import './overview.css';
import { lazy, Suspense, useMemo } from 'react';
import { useShell } from '../../app/shell/ShellContext';
import { useAsk, usePermission } from '../../data';
import { useFormats, useText } from '../../i18n';
import { StartSync } from '../../shared/sync';
import { LinkButton } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { CardAnswer } from '../../ui/CardAnswer';
import { Loading } from '../../ui/Loading';
import { useNow } from '../../ui/now';
import { PageHead } from '../../ui/PageHead';
import { LockPanel } from '../../ui/ProblemPanel';
import { Hero } from './Hero';
import { messages } from './messages';
import { OverviewCensusQuery, OverviewQuery } from './queries';

/** What stands below the verdict comes beside the page's query, and not before the first picture. */
const more = import('./more');
const NeedsList = lazy(async () => ({ default: (await more).NeedsList }));
const Days = lazy(async () => ({ default: (await more).Days }));
const Latest = lazy(async () => ({ default: (await more).Latest }));
const Messages = lazy(async () => ({ default: (await more).Messages }));

/** Can I trust it, does it need me, what became of it. */
export default function OverviewPage() {
  const t = useText(messages);
  const { weekday, time } = useFormats();
  const now = useNow();
  const { shell } = useShell();
  const directory = usePermission('directory:read');
  const mayMessages = usePermission('message:read');
  const settings = usePermission('settings:read');
  const identities = usePermission('identity:read');

  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const variables = useMemo(
    () => ({
      today: new Date(midnight).toISOString(),
      week: new Date(midnight - 7 * 86_400_000).toISOString(),
      directory,
      messages: mayMessages,
      settings,
    }),
    [midnight, directory, mayMessages, settings],
  );
  const nothing = !directory && !mayMessages && !settings;
  const asked = useAsk(OverviewQuery, { variables, every: 30, pause: nothing, keep: true });
  const census = useAsk(OverviewCensusQuery, { every: 120, pause: !directory || !identities });

  const { asOf, verificationCycleSeconds: cycle } = shell?.mirror ?? {};
  const stale = Boolean(asOf && cycle != null && (now.getTime() - Date.parse(asOf)) / 1_000 > 2 * cycle);

  return (
    <>
      <PageHead
        title={t('title')}
        meta={`${weekday(now)} ${time(now)}`}
        actions={
          <>
            <LinkButton icon="messages" href="/messages/new">
              {t('compose')}
            </LinkButton>
            <StartSync />
          </>
        }
      />
      {nothing ? (
        <Card title={t('forbidden')}>
          <LockPanel permissions={['directory:read', 'message:read']} />
        </Card>
      ) : (
        <CardAnswer asked={asked} title={t('hero')} what={t('failed')} lines={8}>
          {(data) => (
            <>
              {directory ? <Hero data={data} /> : <Lock permission="directory:read" what={t('hero.forbidden')} />}
              <Suspense fallback={<Loading lines={8} />}>
                <div className="two">
                  <div className="col gap16">
                    <NeedsList data={data} census={census.data?.matchingCensus} stale={stale} />
                    {directory && <Days midnight={midnight} />}
                  </div>
                  <div className="col gap16">
                    {mayMessages ? (
                      <Messages data={data} />
                    ) : (
                      <Lock permission="message:read" what={t('today.forbidden')} />
                    )}
                    {directory && <Latest />}
                  </div>
                </div>
              </Suspense>
            </>
          )}
        </CardAnswer>
      )}
    </>
  );
}

function Lock({ permission, what }: { permission: string; what: string }) {
  return (
    <Card title={what}>
      <LockPanel permissions={[permission]} />
    </Card>
  );
}
