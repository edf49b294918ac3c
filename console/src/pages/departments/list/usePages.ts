import { useCallback, useEffect, useRef, useState } from 'react';
import type { Problem } from '../../../data';
import { useReturns } from '../../../data/connection';
import type { Answered } from '../asking';

/** A page of a list, as connections have it. */
export interface Page<Item> {
  nodes: readonly Item[];
  totalCount?: number | null;
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/** Asks for a page behind a cursor; a page of null: there is no such thing. */
export type AskPage<Item> = (
  first: number,
  after: string | null,
  signal: AbortSignal,
) => Promise<Answered<Page<Item> | null> | null>;

/** A list as far as it was loaded. */
export interface Pages<Item> {
  /** Undefined: nothing was answered yet. */
  items: readonly Item[] | undefined;
  total: number | null;
  /** There is nothing that could have such a list. */
  missing: boolean;
  more: boolean;
  loading: boolean;
  problem: Problem | null;
  /** The next page. */
  next: () => void;
  /** As far as it was loaded, asked again; what is there stays until then. */
  again: () => void;
  /** Replaces what is known of some items. */
  patch: (change: (item: Item) => Item) => void;
}

interface State<Item> {
  ask: AskPage<Item>;
  items: readonly Item[] | undefined;
  total: number | null;
  missing: boolean;
  after: string | null;
  more: boolean;
  problem: Problem | null;
}

const LARGEST = 500;

/** A long list, a page at a time. Another `ask` is another list; the former one stays in sight until that answers. */
export function usePages<Item>(ask: AskPage<Item>, size: number, pause = false): Pages<Item> {
  const [state, setState] = useState<State<Item> | null>(null);
  const [loading, setLoading] = useState(false);
  const call = useRef<AbortController>(null);

  const load = useCallback(
    async (first: number, after: string | null) => {
      call.current?.abort();
      const { signal } = (call.current = new AbortController());
      setLoading(true);
      const answer = await ask(first, after, signal);
      if (answer === null || signal.aborted) return;
      setLoading(false);
      setState((former) => {
        const same = former?.ask === ask ? former : null;
        if (answer.problem) {
          const nothing = { items: undefined, total: null, missing: false, after: null, more: false };
          return { ...(same ?? nothing), ask, problem: answer.problem };
        }
        const page = answer.data;
        const nodes = page?.nodes ?? [];
        return {
          ask,
          items: after === null ? nodes : [...(same?.items ?? []), ...nodes],
          total: page?.totalCount ?? null,
          missing: page === null,
          after: page?.pageInfo.endCursor ?? null,
          more: page?.pageInfo.hasNextPage ?? false,
          problem: null,
        };
      });
    },
    [ask],
  );

  useEffect(() => {
    if (!pause) void load(size, null);
    return () => call.current?.abort();
  }, [load, size, pause]);

  const returns = useReturns();
  const loaded = state?.ask === ask ? (state.items?.length ?? 0) : 0;
  const again = useCallback(() => void load(Math.min(LARGEST, Math.max(size, loaded)), null), [load, size, loaded]);
  const seen = useRef(returns);
  useEffect(() => {
    if (seen.current === returns) return;
    seen.current = returns;
    again();
  }, [returns, again]);

  const after = state?.ask === ask && state.more ? state.after : null;
  const next = useCallback(() => {
    if (after !== null && !loading) void load(size, after);
  }, [after, loading, load, size]);
  const patch = useCallback((change: (item: Item) => Item) => {
    setState((former) => (former?.items ? { ...former, items: former.items.map(change) } : former));
  }, []);

  return {
    items: state?.items,
    total: state?.total ?? null,
    missing: state?.missing ?? false,
    more: after !== null,
    loading,
    problem: state?.problem ?? null,
    next,
    again,
    patch,
  };
}
