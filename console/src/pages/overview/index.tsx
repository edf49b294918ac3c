import './overview.css';
import { useMemo } from 'react';
import { useShell } from '../../app/shell/ShellContext';
import { useAsk, usePermission } from '../../data';
import { useFormats, useText } from '../../i18n';
import { StartSync } from '../../shared/sync';
import { LinkButton } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { CardAnswer } from '../../ui/CardAnswer';
import { useNow } from '../../ui/now';
import { PageHead } from '../../ui/PageHead';
import { LockPanel } from '../../ui/ProblemPanel';
import { Deliveries } from './Deliveries';
import { Hero } from './Hero';
import { Latest } from './Latest';
import { messages } from './messages';
import { needsOf } from './needsOf';
import { NeedsList } from './NeedsList';
import { OverviewCensusQuery, OverviewQuery } from './queries';
import { Quota } from './Quota';

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
              <div className="two">
                <div className="col gap16">
                  <NeedsList needs={needsOf(data, census.data?.matchingCensus, stale)} />
                  {directory && <Latest />}
                </div>
                <div className="col gap16">
                  {mayMessages ? (
                    <>
                      <Deliveries data={data} />
                      {data.delivery && <Quota delivery={data.delivery} />}
                    </>
                  ) : (
                    <Lock permission="message:read" what={t('today.forbidden')} />
                  )}
                </div>
              </div>
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
