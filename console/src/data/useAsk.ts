import type { AnyVariables, RequestPolicy, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useRef } from 'react';
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
}

/** Asks a query; again when the server was away, or with `every`. */
export function useAsk<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  { variables, pause, every, policy }: Asking<Variables> = {},
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

  const nothing = data === undefined || data === null || isEmpty(data);
  return {
    data: data ?? undefined,
    loading: fetching && data === undefined,
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
