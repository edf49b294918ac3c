import { useSyncExternalStore } from 'react';

const KEY = 'dingmirror:token';
const listeners = new Set<() => void>();

/** The bearer token, for as long as this browser tab lives: sessionStorage, never localStorage or a cookie. */
export function currentToken(): string {
  return sessionStorage.getItem(KEY) ?? '';
}

/** Replaces the token; an empty one forgets it. A pasted `Bearer ` prefix is dropped. */
export function setToken(text: string): void {
  const token = text.trim().replace(/^Bearer\s+/i, '');
  if (token === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  for (const listener of listeners) listener();
}

/** A JWT or an opaque API token: nothing that would need an escape in a header. */
const TOKEN = /^[\w.~+/=-]+$/;

/**
 * Takes the token out of an address like `/graphiql#token=…`, which `dingmirror demo` prints, and out of the browser's history
 * at once. The part behind `#` is never sent to a server.
 */
export function takeTokenFromAddress(page: Location, history: History): void {
  const parts = new URLSearchParams(page.hash.slice(1));
  const token = parts.get('token');
  if (token === null) return;
  history.replaceState(history.state, '', page.pathname + page.search);
  // URLSearchParams reads `+` as a blank.
  const text = token.replaceAll(' ', '+').trim();
  if (TOKEN.test(text)) setToken(text);
}

/** Calls `listener` after each change and returns the function that stops it. */
export function onTokenChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The token as React state. */
export function useToken(): string {
  return useSyncExternalStore(onTokenChange, currentToken);
}

/** What a JWT says about itself. Shown as a help only: the server alone decides what is valid. */
export interface TokenClaims {
  subject: string | null;
  expiresAt: Date | null;
  /** As the token has them, say `settings:write`. */
  permissions: string[];
}

/** Reads a JWT's claims without checking it; `null` when the text is no JWT (an opaque API token, say). */
export function readClaims(token: string): TokenClaims | null {
  const payload = token.split('.')[1];
  if (payload === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    return {
      subject: typeof claims.sub === 'string' ? claims.sub : null,
      expiresAt: typeof claims.exp === 'number' ? new Date(claims.exp * 1000) : null,
      permissions: Array.isArray(claims.permissions) ? claims.permissions.map(String) : [],
    };
  } catch {
    return null;
  }
}
