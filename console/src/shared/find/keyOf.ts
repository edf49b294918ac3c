import type { Hit } from './useFind';

/** What tells a hit from all others. */
export function keyOf({ item }: Hit): string {
  return item.__typename === 'User' ? `user ${item.userId}` : `department ${item.deptId}`;
}
