import { useState } from 'react';
import { useLocation } from 'wouter';
import { useTell, type Problem } from '../../data';
import type { SyncMode } from '../../generated/graphql';
import { useText } from '../../i18n';
import { useReasons } from '../../reasons';
import { Button } from '../../ui/Button';
import { RadioGroup } from '../../ui/fields';
import { Note } from '../../ui/Note';
import { ProblemPanel } from '../../ui/ProblemPanel';
import { messages } from './messages';
import { StartSyncMutation } from './queries';

const MODES: readonly SyncMode[] = ['RECONCILE', 'FULL', 'DRY_RUN'];

/** What is read, and the button that starts it. */
export default function StartForm({ running, onStarted }: { running: boolean | undefined; onStarted: () => void }) {
  const t = useText(messages);
  const reasons = useReasons();
  const [, go] = useLocation();
  const [mode, setMode] = useState<SyncMode>('RECONCILE');
  const [refused, setRefused] = useState<{ text: string; lang: string | undefined }[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [start, starting] = useTell(StartSyncMutation);

  const submit = async () => {
    setRefused([]);
    const told = await start({ mode });
    setProblem(told.problem);
    const answer = told.data?.startSync;
    if (!answer) return;
    setRefused(answer.userErrors.map((error) => reasons(error.statement)));
    if (answer.run && answer.userErrors.length === 0) {
      onStarted();
      go('/sync');
    }
  };

  return (
    <form
      className="col gap12"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {running && <Note tone="wait">{t('start.one')}</Note>}
      <RadioGroup
        label={t('start.how')}
        value={mode}
        onChange={setMode}
        options={MODES.map((value) => ({ value, text: t(`mode.${value}`), remark: t(`mode.${value}.remark`) }))}
      />
      {refused.map(({ text, lang }) => (
        <Note key={text} tone="bad" alert>
          <span lang={lang} translate="no">
            {text}
          </span>
        </Note>
      ))}
      {problem && <ProblemPanel problem={problem} what={t('start.failed')} />}
      <div>
        <Button kind="primary" type="submit" busy={starting} data-autofocus>
          {starting ? t('start.starting') : t('start.go', { mode: t(`mode.${mode}`) })}
        </Button>
      </div>
    </form>
  );
}
