import { useCallback, useSyncExternalStore } from 'react';
import { useClient } from 'urql';
import type { Mistake } from './checks/mistakes';
import type { Field } from './fields';
import type { Side } from './merge';
import type { Stored, Values } from './values';

/** What somebody is writing. It outlives a visit to another page, say to the rehearsal, and ends with the token. */
export interface Draft {
  /** What it began with: its version is the one that is written over. */
  base: Stored;
  values: Values;
  /** What the server said of rows that haven't been touched since. */
  refused: readonly Mistake[];
  /** Rows that were left, pasted into or submitted: half a word is no mistake yet. */
  looked: ReadonlySet<Field>;
  /** Of contested rows: whose value is taken. */
  choices: Partial<Record<Field, Side>>;
}

// By the client, of which each token has one of its own. A secret that is typed is nowhere else.
const drafts = new WeakMap<object, Draft>();
const listeners = new Set<() => void>();

/** The draft, null before the settings are known, and what changes it. */
export function useDraft(): [Draft | null, (change: (before: Draft | null) => Draft | null) => void] {
  const client = useClient();
  const draft = useSyncExternalStore(listen, () => drafts.get(client) ?? null);
  const change = useCallback(
    (to: (before: Draft | null) => Draft | null) => {
      const before = drafts.get(client) ?? null;
      const next = to(before);
      if (next === before) return;
      if (next === null) drafts.delete(client);
      else drafts.set(client, next);
      for (const listener of listeners) listener();
    },
    [client],
  );
  return [draft, change];
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
