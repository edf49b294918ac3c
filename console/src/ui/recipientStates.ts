import type { IconName } from './icons';
import type { Tone } from './tone';

/** The groups of recipient states, in the order in which they are shown, each with its colour. */
export const RECIPIENT_GROUPS = {
  arrived: 'ok',
  underway: 'wait',
  unknown: 'doubt',
  dropped: 'warn',
  failed: 'bad',
  recalled: 'idle',
  unsent: 'idle',
} as const satisfies Record<string, Tone>;

/** A group of recipient states; its name is the text `group.<name>` of the catalogue. */
export type RecipientGroup = keyof typeof RECIPIENT_GROUPS;

/** Each state of a recipient: its group and icon. ACCEPTED isn't green: DingTalk took it, nobody said that it arrived. */
export const RECIPIENT_STATES = {
  READ: ['arrived', 'checks'],
  DELIVERED_UNREAD: ['arrived', 'check'],
  QUEUED: ['underway', 'clock'],
  SENDING: ['underway', 'send'],
  ACCEPTED: ['underway', 'up'],
  UNKNOWN: ['unknown', 'question'],
  DROPPED_DUPLICATE: ['dropped', 'copy'],
  DROPPED_QUOTA: ['dropped', 'warning'],
  UNMATCHED: ['failed', 'person'],
  INVALID: ['failed', 'cross'],
  FAILED: ['failed', 'cross'],
  EXPIRED: ['failed', 'clock'],
  CANCELLED: ['recalled', 'undo'],
  RECALLED: ['recalled', 'undo'],
  EXCLUDED: ['unsent', 'minus'],
  DUPLICATE: ['unsent', 'minus'],
  SKIPPED: ['unsent', 'minus'],
  SUPPRESSED: ['unsent', 'pause'],
  SHADOWED: ['unsent', 'eye'],
  REDIRECTED: ['unsent', 'arrow'],
} as const satisfies Record<string, readonly [RecipientGroup, IconName]>;

/** A state that this console knows. */
export type KnownRecipientState = keyof typeof RECIPIENT_STATES;

/** Whether the console knows the state: a newer server may have others. */
export function isKnownState(state: string): state is KnownRecipientState {
  return Object.hasOwn(RECIPIENT_STATES, state);
}

/** The group of a state; an unknown one is `unsent`, in grey, under its own name. */
export function groupOf(state: string): RecipientGroup {
  return isKnownState(state) ? RECIPIENT_STATES[state][0] : 'unsent';
}

/** The states of a group, for a filter. */
export function statesOf(group: RecipientGroup): KnownRecipientState[] {
  return (Object.keys(RECIPIENT_STATES) as KnownRecipientState[]).filter((state) => groupOf(state) === group);
}

/** Counts by state, added up by group, in the order of the groups. */
export function countsByGroup(counts: readonly { state: string; count: number }[]): [RecipientGroup, number][] {
  const sums = Object.keys(RECIPIENT_GROUPS).map((group): [RecipientGroup, number] => [group as RecipientGroup, 0]);
  for (const { state, count } of counts) {
    const sum = sums.find(([group]) => group === groupOf(state));
    if (sum) sum[1] += count;
  }
  return sums;
}
