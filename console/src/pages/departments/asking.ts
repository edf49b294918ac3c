import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useMemo } from 'react';
import { useClient } from 'urql';
import { problemOf, type Problem } from '../../data/problem';

/** An answer that was asked for outside of a render. */
export type Answered<Data> = { data: Data; problem: null } | { data: undefined; problem: Problem };

/** Asks the server once; `null` where it was called off meanwhile. */
export type Ask = <Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
) => Promise<Answered<Data> | null>;

/** What the problem is when there is neither an answer nor an error. */
const NOTHING: Problem = { kind: 'failed', code: 'ERROR', message: 'no answer', requestId: null };

function answered<Data>(data: Data | undefined, error: CombinedError | undefined): Answered<Data> {
  const problem = problemOf(error);
  if (problem !== null) return { data: undefined, problem };
  return data === undefined ? { data: undefined, problem: NOTHING } : { data, problem: null };
}

/** For what keeps its own answers: the tree's levels, long lists. Always asks, and a call that is called off is ended. */
export function useAsker(): Ask {
  const client = useClient();
  return useMemo<Ask>(
    () => (query, variables, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve(null);
          return;
        }
        let done = false;
        const asked = client.query(query, variables, { requestPolicy: 'network-only' }).subscribe((result) => {
          if (done || result.stale) return;
          done = true;
          resolve(answered(result.data, result.error));
          // Nobody waits for what else would come of it.
          queueMicrotask(() => asked.unsubscribe());
        });
        signal?.addEventListener('abort', () => {
          if (done) return;
          done = true;
          asked.unsubscribe();
          resolve(null);
        });
      }),
    [client],
  );
}
