import { useState } from 'react';

const MOST = 500;

/** How much of a list is asked for: it grows by a step up to so many, then goes on behind them. Reset with `key`. */
export function usePages(step: number, key: string, most = MOST) {
  const [pages, setPages] = useState({ key, first: step, after: null as string | null });
  const now = pages.key === key ? pages : { key, first: step, after: null };
  return {
    first: now.first,
    after: now.after,
    /** Not from its beginning. */
    behind: now.after !== null,
    /** `end`: the cursor at the end of what is shown. */
    more: (end: string | null | undefined) => {
      if (now.first < most) setPages({ ...now, first: Math.min(now.first + step, most) });
      else setPages({ key, first: step, after: end ?? null });
    },
    toFront: () => setPages({ key, first: step, after: null }),
  };
}
