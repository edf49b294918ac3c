import './sync.css';
import { useState } from 'react';
import { Route, Switch } from 'wouter';
import { useShell } from '../../app/shell/ShellContext';
import { useLive, usePermission } from '../../data';
import { useFormats, useText } from '../../i18n';
import { StartSync } from '../../shared/sync';
import { Card } from '../../ui/Card';
import { PageHead } from '../../ui/PageHead';
import { LockPanel } from '../../ui/ProblemPanel';
import { Tabs } from '../../ui/Tabs';
import { Changes } from './changes/Changes';
import { messages } from './messages';
import { SyncProgressSubscription } from './queries';
import { RemovalsPage } from './removals';
import { RunPage } from './RunPage';
import { Runs } from './Runs';
import type { RunFacts } from './runFacts';

/** Everything below `/sync`. It follows the run under way; when one ends, what rests on it is asked for again. */
export default function SyncPage() {
  const t = useText(messages);
  const { duration } = useFormats();
  const { shell, badges, again } = useShell();
  const mayRead = usePermission('directory:read');
  const [live, setLive] = useState<RunFacts | null>(null);

  useLive(SyncProgressSubscription, {
    pause: !mayRead,
    onData: ({ syncProgress }) => {
      if (live?.state === 'RUNNING' && syncProgress.state !== 'RUNNING') again();
      setLive(syncProgress);
    },
  });
  // Goes on when a run begins or ends, and once it applies what it read.
  const restart = live ? `${live.id} ${live.state} ${live.phase}` : undefined;
  const cycle = shell?.mirror?.verificationCycleSeconds;

  return (
    <>
      <PageHead
        title={t('title')}
        meta={cycle == null ? undefined : t('cycle', { time: duration(cycle) })}
        actions={<StartSync running={live?.state === 'RUNNING'} />}
      />
      {!mayRead ? (
        <Card title={t('forbidden')}>
          <LockPanel permissions={['directory:read']} />
        </Card>
      ) : (
        <>
          <div className="sync-tabs">
            <Tabs
              name={t('title')}
              tabs={[
                { href: '/sync', text: t('tab.runs') },
                { href: '/sync/removals', text: t('tab.removals'), count: badges?.heldRemovals?.totalCount },
                { href: '/sync/changes', text: t('tab.changes') },
              ]}
            />
          </div>
          <Switch>
            <Route path="/sync/changes">
              <Changes />
            </Route>
            <Route path="/sync/removals">
              <RemovalsPage restart={restart} />
            </Route>
            <Route path="/sync/:runId">{({ runId }) => <RunPage key={runId} id={runId} live={live} />}</Route>
            <Route>
              <Runs live={live} restart={restart} />
            </Route>
          </Switch>
        </>
      )}
    </>
  );
}
