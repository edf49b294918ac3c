import type { ReactNode } from 'react';
import { useMissing, type PermissionName } from '../data';
import { LockPanel } from './ProblemPanel';

/** Shows its children to those who may, and to others the lock that names what they lack. */
export function Needs({
  permission,
  what,
  children,
}: {
  permission: PermissionName | readonly PermissionName[];
  /** Title of the lock: 看不到手机和邮箱. */
  what?: ReactNode;
  children: ReactNode;
}) {
  const missing = useMissing(typeof permission === 'string' ? [permission] : permission);
  return missing.length > 0 ? <LockPanel permissions={missing} what={what} /> : children;
}
