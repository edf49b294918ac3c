import { useSyncExternalStore } from 'react';

const PATIENCE = 60_000;
const listeners = new Set<() => void>();
let attended = true;
let timer: ReturnType<typeof setTimeout> | undefined;

function set(value: boolean): void {
  if (attended === value) return;
  attended = value;
  for (const listener of listeners) listener();
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (document.visibilityState === 'visible') set(true);
  else timer = setTimeout(() => set(false), PATIENCE);
});

/** False when the page has been hidden for a minute: nobody looks at what a socket would bring. */
export function useAttended(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => attended,
  );
}
