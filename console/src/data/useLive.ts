import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useEffect, useEffectEvent, useState } from 'react';
import { useClient } from 'urql';
import { useAttended } from './attended';

/** Seconds before a subscription that ended is begun again. */
const DELAYS = [1, 2, 5, 10, 30];

/**
 * Follows a subscription while somebody looks, and says whether it runs. `variables` is asked each time that it begins, so a
 * feed goes on behind the last cursor. `restart`: begun anew when it changes.
 */
export function useLive<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  options: { variables?: () => Variables; onData: (data: Data) => void; pause?: boolean; restart?: unknown },
): boolean {
  const client = useClient();
  const attended = useAttended();
  const [running, setRunning] = useState(false);
  const onData = useEffectEvent(options.onData);
  const variables = useEffectEvent(() => options.variables?.() ?? ({} as Variables));
  const pause = options.pause ?? false;
  const { restart } = options;

  useEffect(() => {
    if (pause || !attended) return undefined;
    let failures = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let subscription: { unsubscribe: () => void } | undefined;

    const later = () => {
      setRunning(false);
      clearTimeout(timer);
      timer = setTimeout(begin, (DELAYS[failures] ?? 30) * 1_000);
      failures = Math.min(failures + 1, DELAYS.length - 1);
    };

    const begin = () => {
      subscription?.unsubscribe();
      subscription = client.subscription<Data, Variables>(document, variables()).subscribe(({ data, error, hasNext }) => {
        if (data) {
          failures = 0;
          setRunning(true);
          onData(data);
        }
        if (error || !hasNext) later();
      });
      setRunning(true);
    };

    begin();
    return () => {
      clearTimeout(timer);
      subscription?.unsubscribe();
      setRunning(false);
    };
  }, [client, document, attended, pause, restart]);

  return running;
}
