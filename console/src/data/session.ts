import { createContext, use, useMemo, useSyncExternalStore } from 'react';
import { readClaims, useToken } from '../token';

/** Why the last token is no longer used. */
export interface Refusal {
  /** What the server said, in English. */
  reason: string;
  /** When it ended, if that is why. */
  endedAt: Date | null;
}

let refusal: Refusal | null = null;
const listeners = new Set<() => void>();

/** The server refused this token, and said why. */
export function refuse(token: string, reason: string): void {
  const expiresAt = readClaims(token)?.expiresAt ?? null;
  refusal = { reason, endedAt: expiresAt !== null && expiresAt.getTime() <= Date.now() ? expiresAt : null };
  for (const listener of listeners) listener();
}

/** Why the last token was refused; null where none was. */
export function useRefusal(): Refusal | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => refusal,
  );
}

/** The permissions' names, as tokens and messages have them. */
export const PERMISSIONS = [
  'directory:read',
  'directory:contact',
  'identity:read',
  'identity:write',
  'message:read',
  'message:send',
  'settings:read',
  'settings:write',
  'sync:run',
] as const;

/** A permission's name. */
export type PermissionName = (typeof PERMISSIONS)[number];

/** The name of the schema's `SETTINGS_WRITE`. */
export function permissionName(value: string): string {
  return value.toLowerCase().replace('_', ':');
}

/** Who is signed in. */
export interface Session {
  /** Null until the server or the token has told. */
  subject: string | null;
  expiresAt: Date | null;
  /** Null: not known yet. */
  permissions: readonly string[] | null;
}

/** What the server says of the viewer, once it has answered. */
export const ViewerContext = createContext<Session | null>(null);

/** Who is signed in: what the server said, and until then what the token says of itself. */
export function useSession(): Session {
  const viewer = use(ViewerContext);
  const token = useToken();
  return useMemo(() => {
    if (viewer) return viewer;
    const claims = readClaims(token);
    return claims ?? { subject: null, expiresAt: null, permissions: null };
  }, [viewer, token]);
}

/** Whether the viewer may do this. True while nobody knows: the server decides. */
export function usePermission(name: PermissionName): boolean {
  const { permissions } = useSession();
  return permissions === null || permissions.includes(name);
}

/** Those of the permissions that the viewer lacks. */
export function useMissing(names: readonly PermissionName[]): PermissionName[] {
  const { permissions } = useSession();
  return permissions === null ? [] : names.filter((name) => !permissions.includes(name));
}
