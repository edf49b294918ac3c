import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { useSession } from '../../../data';
import type { MessageFilter, RecipientFilter } from '../../../generated/graphql';
import { useNow } from '../../../ui/now';
import { RECIPIENT_GROUPS, statesOf, type RecipientGroup } from '../../../ui/recipientStates';

/** The filters as they stand in the address; empty ones don't. */
export interface LedgerFilter {
  group: RecipientGroup | null;
  /** `me`, a caller, or empty: all. */
  caller: string;
  /** Empty: today. `7d`, `30d`, `all`, or a day: 2026-11-28. */
  day: string;
  /** A person's userId. */
  user: string;
}

/** Names of what the address holds of the ledger, in its order. */
const NAMES = ['group', 'caller', 'day', 'user'] as const;

/** The filters of the address, and addresses with other ones. */
export function useLedgerFilter() {
  const [params] = useSearchParams();
  const { subject } = useSession();
  const today = dayText(useNow());

  return useMemo(() => {
    const group = params.get('group') ?? '';
    const filter: LedgerFilter = {
      group: group in RECIPIENT_GROUPS ? (group as RecipientGroup) : null,
      caller: params.get('caller') ?? '',
      day: params.get('day') ?? '',
      user: params.get('user') ?? '',
    };

    const period = periodOf(filter.day, today);
    const caller = (filter.caller === 'me' ? subject : filter.caller) || null;
    const common = { ...period, caller, userId: filter.user || null };
    const all: MessageFilter & RecipientFilter = Object.fromEntries(Object.entries(common).filter(([, value]) => value != null));
    const rows: MessageFilter = filter.group ? { ...all, recipientStates: statesOf(filter.group) } : all;

    /** `/messages?group=failed`, or the same of a message. */
    const href = (path: string, changes: Partial<LedgerFilter> = {}) => {
      const next = new URLSearchParams();
      const values = { ...filter, ...changes };
      for (const name of NAMES) if (values[name]) next.set(name, values[name]);
      const text = next.toString();
      return text ? `${path}?${text}` : path;
    };
    return { filter, today, caller, all, rows, href };
  }, [params, subject, today]);
}

/** What `useLedgerFilter` gives. */
export type Ledgers = ReturnType<typeof useLedgerFilter>;

/** 2026-11-28, in the reader's time zone. */
export function dayText(at: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** Midnight in the reader's time zone, so many days later. */
function midnight(day: string, later: number): Date {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, date + later);
}

function periodOf(day: string, today: string): { createdFrom?: string; createdBefore?: string } {
  if (day === 'all') return {};
  const days = /^(\d{1,3})d$/.exec(day);
  if (days) return { createdFrom: midnight(today, 1 - Number(days[1])).toISOString() };
  // A message of this moment is today's, also where this clock is behind the server's.
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || day === today) return { createdFrom: midnight(today, 0).toISOString() };
  return { createdFrom: midnight(day, 0).toISOString(), createdBefore: midnight(day, 1).toISOString() };
}
