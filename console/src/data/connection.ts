import { useSyncExternalStore } from 'react';

/** Whether the server answers. */
export interface Connection {
  online: boolean;
  /** When the server answered last: what is shown is of then. */
  lastAnswerAt: Date | null;
  /** When it is tried again. */
  retryAt: Date | null;
  /** Goes up each time that the server is back: what is shown has to be asked for again. */
  returns: number;
}

const RETRY_SECONDS = 8;
const listeners = new Set<() => void>();
let connection: Connection = { online: true, lastAnswerAt: null, retryAt: null, returns: 0 };
let retry: () => void = () => {};
let timer: ReturnType<typeof setTimeout> | undefined;

function change(to: Partial<Connection>): void {
  connection = { ...connection, ...to };
  for (const listener of listeners) listener();
}

/** Says what asks the server whether it is back. */
export function onRetry(ask: () => void): void {
  retry = ask;
}

/** Asks now, without waiting for the time that is told. */
export function reconnect(): void {
  clearTimeout(timer);
  retry();
}

/** The server answered, whatever it said. */
export function heard(): void {
  const back = !connection.online;
  clearTimeout(timer);
  const now = new Date();
  // To the second: a change that nobody sees would render the page anew.
  if (!back && now.getTime() - (connection.lastAnswerAt?.getTime() ?? 0) < 1_000) return;
  change({ online: true, lastAnswerAt: now, retryAt: null, returns: connection.returns + (back ? 1 : 0) });
}

/** The server could not be reached. */
export function unreachable(): void {
  clearTimeout(timer);
  timer = setTimeout(retry, RETRY_SECONDS * 1_000);
  change({ online: false, retryAt: new Date(Date.now() + RETRY_SECONDS * 1_000) });
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The connection as React state. */
export function useConnection(): Connection {
  return useSyncExternalStore(listen, () => connection);
}

/** Whether the server answers; rendered anew only when that changes. */
export function useOnline(): boolean {
  return useSyncExternalStore(listen, () => connection.online);
}

/** How often the server was away and came back. */
export function useReturns(): number {
  return useSyncExternalStore(listen, () => connection.returns);
}
