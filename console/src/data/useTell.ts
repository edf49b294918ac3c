import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useCallback, useState } from 'react';
import { useMutation } from 'urql';
import { problemOf, type Problem } from './problem';

/** What became of a mutation. `problem` is what kept it from being run; `userErrors` are in `data`. */
export interface Told<Data> {
  data: Data | undefined;
  problem: Problem | null;
}

/** A mutation: `const [send, sending] = useTell(Send); const { data, problem } = await send({ input })`. */
export function useTell<Data, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
): [tell: (variables: Variables) => Promise<Told<Data>>, running: boolean] {
  const [, execute] = useMutation<Data, Variables>(mutation);
  const [running, setRunning] = useState(false);
  const tell = useCallback(
    async (variables: Variables) => {
      setRunning(true);
      const { data, error } = await execute(variables);
      setRunning(false);
      return { data: data ?? undefined, problem: problemOf(error) };
    },
    [execute],
  );
  return [tell, running];
}
