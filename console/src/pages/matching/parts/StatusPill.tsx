import type { ResolutionStatus } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import type { IconName } from '../../../ui/icons';
import { Pill } from '../../../ui/Pill';
import type { Tone } from '../../../ui/tone';
import { messages } from '../messages';

/** What a Confluence user comes to: its colour and icon. */
export const STATUSES = {
  MATCHED: ['ok', 'check'],
  AMBIGUOUS: ['bad', 'departments'],
  UNMATCHED: ['bad', 'question'],
  INACTIVE: ['idle', 'minus'],
  HELD: ['warn', 'clock'],
} as const satisfies Record<ResolutionStatus, readonly [Tone, IconName]>;

/** The statuses in the order in which they are told. */
export const STATUS_ORDER = Object.keys(STATUSES) as ResolutionStatus[];

/** What a Confluence user comes to, in a word. */
export function StatusPill({ status }: { status: ResolutionStatus }) {
  const t = useText(messages);
  const [tone, icon] = STATUSES[status];
  return (
    <Pill tone={tone} icon={icon}>
      {t(`status.${status}`)}
    </Pill>
  );
}

/** Whether a text of the address is a status. */
export function isStatus(text: string | null): text is ResolutionStatus {
  return text !== null && Object.hasOwn(STATUSES, text);
}
