import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useLive } from '../../../data';
import type { LedgerRowFragment, LedgerUpdatesSubscription } from '../../../generated/graphql';
import { LedgerUpdates } from '../queries';

type Update = LedgerUpdatesSubscription['messageUpdates'];

/** Asked for again at most this often, in ms: counts look at every row. */
const PAUSE = 4_000;

/**
 * The rows with what became of them since they were read. New messages come in by asking again, while the list is at its
 * top; else they are counted, so that nothing moves under somebody's eyes.
 */
export function useLiveRows(
  rows: readonly LedgerRowFragment[],
  options: { caller: string | null; atTop: () => boolean; again: () => void; pause: boolean; key: string },
) {
  const [updates, setUpdates] = useState<ReadonlyMap<string, Update>>(new Map());
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = rows[0]?.createdAt ?? '';

  const ask = useEffectEvent(() => {
    timer.current = undefined;
    options.again();
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  useLive(LedgerUpdates, {
    variables: () => ({ caller: options.caller }),
    restart: options.caller,
    pause: options.pause,
    onData: ({ messageUpdates: update }) => {
      const known = rows.some((row) => row.id === update.id);
      if (known) setUpdates((before) => new Map(before).set(update.id, update));
      else if (update.createdAt > newest && !options.atTop()) setWaiting((before) => new Set(before).add(update.id));
      if (known || options.atTop()) timer.current ??= setTimeout(ask, PAUSE);
    },
  });

  // What came in since the list was read for the first time fades once.
  const first = useRef({ key: '', newest: '' });
  if (first.current.key !== options.key || first.current.newest === '') first.current = { key: options.key, newest };
  const isFresh = (row: LedgerRowFragment) => row.createdAt > first.current.newest;

  const shown = rows.map((row) => {
    const update = updates.get(row.id);
    return update && update.updatedAt > row.updatedAt ? { ...row, ...update } : row;
  });
  const count = [...waiting].filter((id) => !rows.some((row) => row.id === id)).length;
  return { rows: shown, isFresh, waiting: count, forget: () => setWaiting(new Set()) };
}
