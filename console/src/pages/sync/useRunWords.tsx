import type { ReactNode } from 'react';
import { useFormats, useText } from '../../i18n';
import { syncMessages } from '../../shared/sync';
import { messages } from './messages';
import type { RunFacts } from './runFacts';

/** What a run is called, and who began it. */
export function useRunWords() {
  const t = useText(messages);
  const say = useText(syncMessages);
  const { moment } = useFormats();

  /** 对账, 完整读取, 试跑 */
  const kind = ({ mode }: Pick<RunFacts, 'mode'>): string => say(`mode.${mode}`);

  /** 对账 #1205，今天 14:46 */
  const title = (run: Pick<RunFacts, 'mode' | 'number' | 'startedAt'>): string => {
    const values = { mode: kind(run), when: moment(new Date(run.startedAt)) };
    return run.number == null ? t('run.title', values) : t('run.title.number', { ...values, number: String(run.number) });
  };

  /** 定时, 启动时, or who asked for it. */
  const trigger = (run: Pick<RunFacts, 'trigger' | 'requestedBy'>): ReactNode =>
    run.trigger === 'REQUEST' && run.requestedBy ? (
      <span translate="no">{run.requestedBy}</span>
    ) : (
      t(`trigger.${run.trigger}`)
    );

  return { kind, title, trigger };
}
