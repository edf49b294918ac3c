import type { SendingFragment } from '../../../generated/graphql';

/** Calls a month of DingTalk's standard edition; the server doesn't know which edition the company has. */
export const STANDARD_QUOTA = 5_000;
/** Recipients a call carries at most. */
export const PER_CALL = 100;
/** Recipients in any minute at most, over all replicas. */
export const PER_MINUTE = 5_000;
/** How often the result of a send is asked for at most. */
export const FOLLOW_UPS = 6;

/** The month's calls, and what they come to by its end at this pace; null while the month is too young to tell. */
export function quotaFigures({ callsThisMonth, monthEndsAt }: SendingFragment, now: Date) {
  const end = new Date(monthEndsAt);
  // DingTalk's month is Beijing's, eight hours ahead: there it ends at a midnight.
  const there = new Date(end.getTime() + 8 * 3_600_000);
  const begin = new Date(Date.UTC(there.getUTCFullYear(), there.getUTCMonth() - 1, 1) - 8 * 3_600_000);
  const passed = (now.getTime() - begin.getTime()) / (end.getTime() - begin.getTime());
  const forecast = passed > 0.07 && callsThisMonth > 0 ? Math.round(callsThisMonth / passed) : null;
  return {
    used: callsThisMonth,
    left: Math.max(0, STANDARD_QUOTA - callsThisMonth),
    share: Math.min(1, callsThisMonth / STANDARD_QUOTA),
    forecast,
    tone: callsThisMonth >= STANDARD_QUOTA ? 'bad' : callsThisMonth >= 0.9 * STANDARD_QUOTA ? 'warn' : 'wait',
  } as const;
}
