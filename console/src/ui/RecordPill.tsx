import { useText } from '../i18n';
import type { IconName } from './icons';
import { messages } from './messages';
import { Pill } from './Pill';
import type { Tone } from './tone';

const STATES = {
  ACTIVE: ['ok', 'check'],
  HELD: ['warn', 'clock'],
  GONE: ['idle', 'minus'],
} as const satisfies Record<string, readonly [Tone, IconName]>;

/** How a person's or department's record stands. Lists leave it out where it is ACTIVE (`unlessActive`). */
export function RecordPill({ state, unlessActive }: { state: 'ACTIVE' | 'HELD' | 'GONE'; unlessActive?: boolean }) {
  const t = useText(messages);
  if (unlessActive && state === 'ACTIVE') return null;
  const [tone, icon] = STATES[state];
  return (
    <Pill tone={tone} icon={icon}>
      {t(`record.${state}`)}
    </Pill>
  );
}
