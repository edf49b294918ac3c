import { useSyncExternalStore } from 'react';

const STEP = 10_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all relative times of the page. */
function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, STEP);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function read(): number {
  // Without listeners the clock stands still.
  if (timer === undefined && Date.now() - now > STEP) now = Date.now();
  return now;
}

/** The time, to ten seconds; the component is rendered again when it goes on. */
export function useNow(): Date {
  return new Date(useSyncExternalStore(listen, read));
}
