import './start.css';
import { lazy, Suspense } from 'react';
import { usePermission } from '../../data';
import { useText } from '../../i18n';
import { Loading } from '../../ui/Loading';
import { Popover } from '../../ui/Popover';
import { LockPanel } from '../../ui/ProblemPanel';
import { messages } from './messages';

const StartForm = lazy(() => import('./StartForm'));

/** Starts a run of a kind that is told apart beside it, and leads to where it is seen. While one runs, it says so. */
export function StartSync({ running }: { running?: boolean }) {
  const t = useText(messages);
  const may = usePermission('sync:run');
  return (
    <Popover kind="primary" icon="sync" align="end" text={running ? t('start.running') : t('start')} name={t('start')}>
      {(close) => (
        <div className="start-sync col gap12">
          <h2>{t('start')}</h2>
          {may ? (
            <Suspense fallback={<Loading lines={6} />}>
              <StartForm running={running} onStarted={close} />
            </Suspense>
          ) : (
            <LockPanel permissions={['sync:run']} what={t('start.forbidden')} />
          )}
        </div>
      )}
    </Popover>
  );
}
