import { useCallback, useRef } from 'react';

/** One function for as long as the component lives, which does what the latest one does: a memoised child isn't rendered for it. */
export function useStable<Args extends unknown[], Result>(work: (...args: Args) => Result): (...args: Args) => Result {
  const latest = useRef(work);
  latest.current = work;
  return useCallback((...args: Args) => latest.current(...args), []);
}
