import { createContext, use } from 'react';
import type { Asked } from '../../data';
import type { MatchingNowQuery } from '../../generated/graphql';

/** What all tabs of the page share. */
export interface MatchingData {
  /** The method in force and its figures. */
  now: Asked<MatchingNowQuery>;
  /** Asks for the figures anew, and for the shell's badges: somebody was linked, or the method changed. */
  refresh: () => void;
}

/** See `useMatching`. */
export const MatchingContext = createContext<MatchingData | null>(null);

/** The figures of the page; null outside of it. */
export function useMatching(): MatchingData {
  const data = use(MatchingContext);
  if (data === null) throw new Error('outside of the page');
  return data;
}
