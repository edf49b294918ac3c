import { useAsk, useMissing, type Asked } from '../../../data';
import type { MatchingMethod, MethodConsequencesQuery as Rehearsed } from '../../../generated/graphql';
import { MethodConsequencesQuery } from '../queries';

/** What this method would do to those who are known; nothing is asked for the method in force (null). */
export function useRehearsal(method: MatchingMethod | null): Asked<Rehearsed> {
  const hidden = useMissing(['identity:read', 'directory:read']).length > 0;
  return useAsk(MethodConsequencesQuery, {
    variables: { method: method ?? 'EMAIL_TO_EMAIL' },
    pause: hidden || method === null,
  });
}

/**
 * The token of a rehearsal by which nobody would become somebody else. Where somebody would, the people are looked at in the
 * rehearsal, and the method is changed there.
 */
export function harmlessToken(rehearsed: Rehearsed | undefined): string | null {
  const rehearsal = rehearsed?.rehearseMatching;
  return rehearsal?.changesPerson?.totalCount === 0 ? rehearsal.token : null;
}
