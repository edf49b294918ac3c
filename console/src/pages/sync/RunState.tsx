import { useText } from '../../i18n';
import { Pill } from '../../ui/Pill';
import { Verdict } from '../../ui/Verdict';
import { messages } from './messages';
import type { RunFacts } from './runFacts';

const LOOKS = {
  RUNNING: ['wait', 'sync'],
  FAILED: ['bad', 'cross'],
  INTERRUPTED: ['warn', 'pause'],
} as const;

/** What a run is worth, or how it ended without a verdict. */
export function RunState({ run }: { run: Pick<RunFacts, 'state' | 'verdict'> }) {
  const t = useText(messages);
  if (run.state === 'FINISHED') return <Verdict verdict={run.verdict} />;
  const [tone, icon] = LOOKS[run.state];
  return (
    <Pill tone={tone} icon={icon}>
      {t(`state.${run.state}`)}
    </Pill>
  );
}
