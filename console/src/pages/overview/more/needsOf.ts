import type { MatchingMethod, OverviewCensusQuery, OverviewQuery } from '../../../generated/graphql';
import { heldSums } from '../held';
import type { Reason } from '../../../reasons';
import type { IconName } from '../../../ui/icons';
import type { Tone } from '../../../ui/tone';

/** Something that waits for somebody: a text of the catalogue by its name, with its values, and where it is put right. */
export type Need = {
  tone: Tone;
  icon: IconName;
  href: string;
} & (
  | { name: 'incomplete'; missing: readonly string[] }
  | { name: 'fault' | 'stopped' | 'failed'; reason: Reason | null | undefined }
  | { name: 'suspect' | 'partial' | 'stale' }
  | { name: 'removals'; users: number; departments: number; heldAt: string; under: string | null; messages: number }
  | { name: 'heldMessages' | 'unknown'; count: number }
  | { name: 'hidden'; count: number; method: MatchingMethod }
  | { name: 'ambiguous' | 'unmatched'; count: number; lost: number }
  | { name: 'withheld'; permission: string; count: number | null }
);

/** As many as are shown: more would be read by nobody. */
export const MOST_NEEDS = 7;

/** The settings' test says which permission is missing and where it is granted. */
const TEST = '/settings?test';

/** What waits for somebody, the most urgent first: what stops everything, then what stops some, then what can wait. */
export function needsOf(
  { mirror, syncRuns, heldRemovalGroups, delivery, week, toAmbiguous, toUnmatched, settings }: OverviewQuery,
  census: OverviewCensusQuery['matchingCensus'] | undefined,
  stale: boolean,
): Need[] {
  const needs: Need[] = [];
  const run = mirror?.lastRun;
  const newest = syncRuns?.nodes[0];

  if (settings && !settings.complete) {
    needs.push({ name: 'incomplete', tone: 'bad', icon: 'settings', href: '/settings', missing: settings.missing });
  }
  if (delivery?.ownFaultStatement) {
    needs.push({ name: 'fault', tone: 'bad', icon: 'messages', href: '/messages', reason: delivery.ownFaultStatement });
  }
  if (delivery?.stoppedStatement) {
    needs.push({ name: 'stopped', tone: 'bad', icon: 'pause', href: '/messages', reason: delivery.stoppedStatement });
  }
  if (newest?.state === 'FAILED') {
    needs.push({ name: 'failed', tone: 'bad', icon: 'sync', href: `/sync/${newest.id}`, reason: newest.errorStatement });
  }
  if (run?.verdict === 'SUSPECT') needs.push({ name: 'suspect', tone: 'bad', icon: 'sync', href: `/sync/${run.id}` });
  if (stale) needs.push({ name: 'stale', tone: 'warn', icon: 'clock', href: '/sync' });

  const held = heldRemovalGroups?.nodes ?? [];
  const [first] = held;
  if (first) {
    const places = new Set(held.map(({ under }) => under?.name));
    needs.push({
      name: 'removals',
      tone: 'warn',
      icon: 'person',
      href: '/sync/removals',
      ...heldSums(held),
      heldAt: held.map(({ oldestHeldAt }) => oldestHeldAt).sort()[0] ?? first.oldestHeldAt,
      under: places.size === 1 ? (first.under?.name ?? null) : null,
      messages: held.reduce((sum, { queuedMessages }) => sum + queuedMessages, 0),
    });
  }
  if (delivery && delivery.held > 0) {
    needs.push({ name: 'heldMessages', tone: 'warn', icon: 'messages', href: '/messages', count: delivery.held });
  }
  if (run?.verdict === 'PARTIAL') needs.push({ name: 'partial', tone: 'warn', icon: 'sync', href: `/sync/${run.id}` });

  for (const permission of run?.evidence?.fieldsWithheld ?? []) {
    const count = run?.evidence?.withheld?.find((each) => each.permission === permission)?.users ?? null;
    needs.push({ name: 'withheld', tone: 'warn', icon: 'shield', href: TEST, permission, count });
  }
  if (census && census.usersHidden > 0 && (run?.evidence?.fieldsWithheld.length ?? 0) === 0) {
    needs.push({ name: 'hidden', tone: 'warn', icon: 'shield', href: '/matching', count: census.usersHidden, method: census.method });
  }
  const unknown = total(week);
  if (unknown > 0) needs.push({ name: 'unknown', tone: 'doubt', icon: 'question', href: '/messages?group=unknown', count: unknown });
  if (census && census.ambiguous > 0) {
    needs.push({ name: 'ambiguous', tone: 'bad', icon: 'matching', href: '/matching/ambiguous', count: census.ambiguous, lost: total(toAmbiguous) });
  }
  if (census && census.unmatched > 0) {
    needs.push({ name: 'unmatched', tone: 'idle', icon: 'matching', href: '/matching/unmatched', count: census.unmatched, lost: total(toUnmatched) });
  }
  return needs;
}

function total(counts: readonly { count: number }[] | null | undefined): number {
  return counts?.reduce((sum, { count }) => sum + count, 0) ?? 0;
}
