import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { Page } from '../parts/Pager';

/** A page of a feed that is told backwards: `?after=` a row means what happened before it. */
export function useFeedPage(size: number): Page {
  const [search] = useSearchParams();
  const older = search.get('after');
  const newer = search.get('before');
  return useMemo(() => {
    if (newer) return { first: size, after: newer };
    return older ? { last: size, before: older } : { last: size };
  }, [older, newer, size]);
}
