import { useMemo, useRef } from 'react';
import { useLocation, useRoute, useSearch } from 'wouter';
import { dayOf } from './past/moment';

/** What of the directory the address names. */
export interface Place {
  /** The department that is chosen; null: none yet. */
  deptId: string | null;
  /** What is searched for; empty: nothing. */
  q: string;
  /** The person whose card is open. */
  user: string | null;
  /** The day that is looked at, `2026-03-01`; null: now. */
  asOf: string | null;
  /** In a narrow window: the department's card is what is shown of it. */
  about: boolean;
}

/** The path of a place: `/departments/4711?q=wangj&user=0113…&asOf=2026-03-01`. */
export function pathOf({ deptId, q, user, asOf, about }: Place): string {
  const search = new URLSearchParams();
  if (q !== '') search.set('q', q);
  if (user !== null) search.set('user', user);
  if (asOf !== null) search.set('asOf', asOf);
  if (about) search.set('about', '1');
  const query = search.toString();
  return `/departments${deptId === null ? '' : `/${encodeURIComponent(deptId)}`}${query && `?${query}`}`;
}

/** What goes with a step of the history: the place on this page that it came from. */
export interface Step {
  from?: string;
}

function stepNow(): Step | null {
  return history.state as Step | null;
}

/** Whether the reader came here by something on this page. */
export function cameFromWithin(): boolean {
  return stepNow()?.from !== undefined;
}

/** Where the page is, and how it goes elsewhere. */
export interface Address {
  place: Place;
  /** The path with some of it replaced. */
  to: (changes: Partial<Place>) => string;
  /** Goes there; where `replace` says so of the place that is left, Back doesn't come back to it. */
  go: (changes: Partial<Place>, options?: { replace?: (left: Place) => boolean }) => void;
  /** Up to there: a step back where the reader came from there, so that Back doesn't lead down again. */
  back: (changes: Partial<Place>) => void;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ID = /^\d{1,19}$/;

/** The address as the page reads and writes it. */
export function useAddress(): Address {
  const [, params] = useRoute('/departments/:deptId?/*?');
  const search = useSearch();
  const [, navigate] = useLocation();
  const named = params?.deptId;

  const place = useMemo((): Place => {
    const query = new URLSearchParams(search);
    const day = query.get('asOf') ?? '';
    return {
      deptId: named !== undefined && ID.test(named) ? named : null,
      q: query.get('q') ?? '',
      user: query.get('user') || null,
      // Today isn't the past.
      asOf: DAY.test(day) && day < dayOf(new Date()) ? day : null,
      about: query.has('about'),
    };
  }, [named, search]);

  // A page that is rendered a little later than its address goes on from where the address is.
  const latest = useRef(place);
  latest.current = place;
  // Where a step back leads that was asked for, and that the browser has not made yet.
  const stepping = useRef<string | null>(null);
  const steps = useMemo(() => {
    const target = (changes: Partial<Place>) => pathOf({ ...latest.current, ...changes });
    const go: Address['go'] = (changes, options) => {
      const replace = options?.replace?.(latest.current) ?? false;
      const step = replace ? stepNow() : ({ from: pathOf(latest.current) } satisfies Step);
      navigate(target(changes), { replace, state: step });
      // What is chosen at once behind this, before the page is rendered, starts from here.
      latest.current = { ...latest.current, ...changes };
    };
    const back: Address['back'] = (changes) => {
      const to = target(changes);
      // A key that is pressed twice at once goes one step back; another step waits for the first one.
      if (stepping.current !== null) {
        if (stepping.current !== to) addEventListener('popstate', () => setTimeout(() => back(changes)), { once: true });
        return;
      }
      if (stepNow()?.from !== to) {
        navigate(to, { replace: true, state: stepNow() });
        return;
      }
      stepping.current = to;
      addEventListener('popstate', () => (stepping.current = null), { once: true });
      history.back();
    };
    return { go, back };
  }, [navigate]);

  return useMemo(() => ({ place, to: (changes) => pathOf({ ...place, ...changes }), ...steps }), [place, steps]);
}
