import type { AnyVariables, RequestPolicy, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { useReturns } from './connection';
import { problemOf, type Problem } from './problem';

/** An answer, as pages need it. */
export interface Asked<Data> {
  /** What was answered last; it stays while it is asked again. */
  data: Data | undefined;
  /** Nothing was answered yet. */
  loading: boolean;
  /** It is being asked again: what stands there may be old. */
  refreshing: boolean;
  /** Why there is nothing to show; null where there is data, even if fields of it were refused. */
  problem: Problem | null;
  /** Why one field at the top of the query is null. */
  problemAt: (field: string) => Problem | null;
  /** Asks the server again. */
  again: () => void;
}

interface Asking<Variables> {
  variables?: Variables;
  /** Not asked, say while a permission is missing. */
  pause?: boolean;
  /** Asked again after so many seconds, while the page is visible, and when somebody comes back to it. */
  every?: number;
  policy?: RequestPolicy;
  /** What other variables had for an answer stays until there is this one's: a search, say. */
  keep?: boolean;
}

/** Asks a query; again when the server was away, or with `every`. */
export function useAsk<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  { variables, pause, every, policy, keep }: Asking<Variables> = {},
): Asked<Data> {
  const [{ data, error, fetching, stale }, execute] = useQuery<Data, Variables>({
    query,
    variables: variables as Variables,
    pause: pause ?? false,
    requestPolicy: policy,
  });
  const again = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);

  const returns = useReturns();
  const asked = useRef(returns);
  useEffect(() => {
    if (pause || asked.current === returns) return;
    asked.current = returns;
    again();
  }, [returns, pause, again]);

  useEffect(() => {
    if (pause || every === undefined) return undefined;
    const ask = () => {
      if (document.visibilityState === 'visible') again();
    };
    const timer = setInterval(ask, every * 1_000);
    window.addEventListener('focus', ask);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', ask);
    };
  }, [every, pause, again]);

  // An error takes the answer away that was there before it, other variables the former ones'.
  const key = JSON.stringify(variables);
  const [last, setLast] = useState<{ key: string | undefined; data: Data }>();
  if (data != null && last?.data !== data) setLast({ key, data });
  const shown = data ?? (keep || last?.key === key ? last?.data : undefined);

  const nothing = shown === undefined || isEmpty(shown as object);
  return {
    data: shown,
    loading: fetching && shown === undefined,
    refreshing: fetching || stale,
    problem: nothing ? problemOf(error) : null,
    problemAt: (field) => problemOf(error, field),
    again,
  };
}

/** Every field was refused: `{ settings: null }`. */
function isEmpty(data: object): boolean {
  const values = Object.entries(data).filter(([field]) => field !== '__typename');
  return values.length > 0 && values.every(([, value]) => value === null);
}
