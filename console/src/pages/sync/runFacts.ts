import type { RunEvidenceFragment, RunFactsFragment } from '../../generated/graphql';
import type { Reason } from '../../reasons';

/** A run as the page shows it. */
export type RunFacts = RunFactsFragment;

/** What a verdict rests on. */
export type Evidence = NonNullable<RunEvidenceFragment['evidence']>;

/** The phases of a run, in their order. */
export const PHASES = ['PLANNING', 'CRAWLING', 'VERIFYING', 'APPLYING'] as const;

/** A phase of a run that isn't over. */
export type Phase = (typeof PHASES)[number];

/** What a run found, a sentence each; first why it failed or what it waits for. */
export function reasonsOf({ errorStatement, findingStatements }: Pick<RunFacts, 'errorStatement' | 'findingStatements'>): Reason[] {
  return [...(errorStatement ? [errorStatement] : []), ...findingStatements];
}

/** Seconds that a run took; of one under way, that it takes so far. */
export function secondsOf(run: Pick<RunFacts, 'startedAt' | 'finishedAt'>, now: Date): number {
  const end = run.finishedAt ? new Date(run.finishedAt) : now;
  return Math.max(0, (end.getTime() - new Date(run.startedAt).getTime()) / 1_000);
}
