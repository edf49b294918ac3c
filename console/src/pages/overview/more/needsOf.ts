import type { OverviewCensusQuery, OverviewQuery } from '../../../generated/graphql';
import type { IconName } from '../../../ui/icons';
import type { Tone } from '../../../ui/tone';

/** Something that waits for somebody: a text of the catalogue by its name, with its values, and where it is put right. */
export type Need = {
  tone: Tone;
  icon: IconName;
  href: string;
} & (
  | { name: 'incomplete'; missing: readonly string[] }
  | { name: 'fault' | 'stopped' | 'failed'; reason: string }
  | { name: 'suspect' | 'partial' | 'stale' }
  | { name: 'removals'; users: number; departments: number; count: number; heldAt: string; under: string | null; messages: number }
  | { name: 'heldMessages' | 'unknown' | 'ambiguous' | 'unmatched' | 'hidden'; count: number }
  | { name: 'withheld'; permission: string }
);

/** As many as are shown: more would be read by nobody. */
export const MOST_NEEDS = 7;

/** What waits for somebody, the most urgent first: what stops everything, then what stops some, then what can wait. */
export function needsOf(
  { mirror, syncRuns, heldRemovals, delivery, week, settings }: OverviewQuery,
  census: OverviewCensusQuery['matchingCensus'] | undefined,
  stale: boolean,
): Need[] {
  const needs: Need[] = [];
  const run = mirror?.lastRun;
  const newest = syncRuns?.nodes[0];

  if (settings && !settings.complete) {
    needs.push({ name: 'incomplete', tone: 'bad', icon: 'settings', href: '/settings', missing: settings.missing });
  }
  if (delivery?.ownFault) {
    needs.push({ name: 'fault', tone: 'bad', icon: 'messages', href: '/messages', reason: delivery.ownFault });
  }
  if (delivery?.stoppedReason) {
    needs.push({ name: 'stopped', tone: 'bad', icon: 'pause', href: '/messages', reason: delivery.stoppedReason });
  }
  if (newest?.state === 'FAILED') {
    needs.push({ name: 'failed', tone: 'bad', icon: 'sync', href: `/sync/${newest.id}`, reason: newest.error ?? '' });
  }
  if (run?.verdict === 'SUSPECT') needs.push({ name: 'suspect', tone: 'bad', icon: 'sync', href: `/sync/${run.id}` });
  if (stale) needs.push({ name: 'stale', tone: 'warn', icon: 'clock', href: '/sync' });

  const held = heldRemovals?.totalCount ?? 0;
  const oldest = heldRemovals?.nodes[0];
  if (heldRemovals && held > 0 && oldest) {
    const users = heldRemovals.nodes.filter(({ entity }) => entity === 'USER').length;
    const places = new Set(heldRemovals.nodes.map(({ under }) => under?.name));
    needs.push({
      name: 'removals',
      tone: 'warn',
      icon: 'person',
      href: '/sync/removals',
      users,
      departments: heldRemovals.nodes.length - users,
      count: held,
      heldAt: heldRemovals.nodes.reduce((first, { heldAt }) => (heldAt < first ? heldAt : first), oldest.heldAt),
      under: places.size === 1 ? (oldest.under?.name ?? null) : null,
      messages: heldRemovals.nodes.reduce((sum, { queuedMessages }) => sum + queuedMessages, 0),
    });
  }
  if (delivery && delivery.held > 0) {
    needs.push({ name: 'heldMessages', tone: 'warn', icon: 'messages', href: '/messages', count: delivery.held });
  }
  if (run?.verdict === 'PARTIAL') needs.push({ name: 'partial', tone: 'warn', icon: 'sync', href: `/sync/${run.id}` });

  for (const permission of run?.evidence?.fieldsWithheld ?? []) {
    needs.push({ name: 'withheld', tone: 'warn', icon: 'shield', href: '/settings', permission });
  }
  if (census && census.usersHidden > 0 && (run?.evidence?.fieldsWithheld.length ?? 0) === 0) {
    needs.push({ name: 'hidden', tone: 'warn', icon: 'shield', href: '/settings', count: census.usersHidden });
  }
  const unknown = week?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  if (unknown > 0) needs.push({ name: 'unknown', tone: 'doubt', icon: 'question', href: '/messages?group=unknown', count: unknown });
  if (census && census.ambiguous > 0) {
    needs.push({ name: 'ambiguous', tone: 'bad', icon: 'matching', href: '/matching/ambiguous', count: census.ambiguous });
  }
  if (census && census.unmatched > 0) {
    needs.push({ name: 'unmatched', tone: 'idle', icon: 'matching', href: '/matching/unmatched', count: census.unmatched });
  }
  return needs;
}
