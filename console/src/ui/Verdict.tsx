import { useText } from '../i18n';
import { classes } from './classes';
import { Icon } from './Icon';
import type { IconName } from './icons';
import { messages } from './messages';
import { Pill } from './Pill';
import type { Tone } from './tone';

/** What a sync is worth, as the schema has it; null before the first one. */
export type VerdictValue = 'COMPLETE' | 'PARTIAL' | 'SUSPECT' | null | undefined;

const LOOKS = {
  COMPLETE: ['ok', 'check'],
  PARTIAL: ['warn', 'warning'],
  SUSPECT: ['bad', 'cross'],
  NONE: ['idle', 'minus'],
} as const satisfies Record<string, readonly [Tone, IconName]>;

/** The colour of a verdict. */
export function verdictTone(verdict: VerdictValue): Tone {
  return LOOKS[verdict ?? 'NONE'][0];
}

/** 完整, 部分, 可疑: as a pill, or `bare` beside other text. */
export function Verdict({ verdict, bare }: { verdict: VerdictValue; bare?: boolean }) {
  const t = useText(messages);
  const [tone, icon] = LOOKS[verdict ?? 'NONE'];
  const word = t(`verdict.${verdict ?? 'NONE'}`);
  if (!bare) {
    return (
      <Pill tone={tone} icon={icon}>
        {word}
      </Pill>
    );
  }
  return (
    <b className={classes('row', 'gap4', 'nowrap', tone)}>
      <Icon name={icon} />
      {word}
    </b>
  );
}
