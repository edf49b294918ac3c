/** Asking the server: queries, mutations, subscriptions, permissions, and what keeps an answer away. */
export { useConnection, useOnline, reconnect, type Connection } from './connection';
export type { Problem } from './problem';
export {
  permissionName,
  PERMISSIONS,
  useMissing,
  usePermission,
  useSession,
  type PermissionName,
  type Session,
} from './session';
export { useAsk, type Asked } from './useAsk';
export { useLive } from './useLive';
export { useTell, type Told } from './useTell';
