import { useSyncExternalStore } from 'react';

const KEY = 'dingmirror:single-keys';
const listeners = new Set<() => void>();
let open = false;

function changed(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows the list of the keys. */
export function openKeys(): void {
  open = true;
  changed();
}

/** Hides it. */
export function closeKeys(): void {
  open = false;
  changed();
}

/** Whether the list is shown. */
export function useKeysOpen(): boolean {
  return useSyncExternalStore(listen, () => open);
}

/** Whether single letters do something: not for those whose speech input types them. */
export function singleKeys(): boolean {
  return localStorage.getItem(KEY) !== 'off';
}

/** Switches single letters on or off, for this browser. */
export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, 'off');
  changed();
}

/** `singleKeys` as React state. */
export function useSingleKeys(): boolean {
  return useSyncExternalStore(listen, singleKeys);
}
