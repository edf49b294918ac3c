import type { OpenMessage } from './MessagePane';

const DAY = 24 * 3_600_000;

/** Whom taking a message back reaches: who still waits, and whose send DingTalk took in the last 24 hours. */
export function reachOf(message: Pick<OpenMessage, 'recipientCounts' | 'attempts'>, now: Date) {
  const count = (...states: string[]) =>
    (message.recipientCounts ?? []).filter(({ state }) => states.includes(state)).reduce((sum, each) => sum + each.count, 0);
  const waiting = count('QUEUED', 'SENDING');
  const taken = count('ACCEPTED', 'DELIVERED_UNREAD', 'READ');

  // Where some sends are too old: no more than the others carried, some of whom may not have it.
  const sends = (message.attempts?.nodes ?? []).filter(({ outcome }) => outcome === 'ACCEPTED');
  const inTime = sends.filter(({ startedAt }) => now.getTime() - new Date(startedAt).getTime() < DAY);
  const sent = inTime.length === 0 ? 0 : inTime.length === sends.length ? taken : Math.min(taken, sum(inTime));
  const oldest = inTime.map(({ startedAt }) => new Date(startedAt).getTime()).sort((a, b) => a - b)[0];
  return {
    waiting,
    sent,
    left: taken - sent + count('UNKNOWN'),
    until: oldest === undefined ? null : new Date(oldest + DAY),
  };
}

function sum(sends: readonly { recipients: number }[]): number {
  return sends.reduce((people, each) => people + each.recipients, 0);
}
