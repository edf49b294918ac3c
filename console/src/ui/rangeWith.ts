import type { Range } from '@tanstack/react-virtual';

/**
 * The rows that are rendered: those in sight, some beyond, and `also`, say the active row, of which a screen reader is told by
 * its id. -1: none.
 */
export function rangeWith(range: Range, also: number): number[] {
  const start = Math.max(range.startIndex - range.overscan, 0);
  const end = Math.min(range.endIndex + range.overscan, range.count - 1);
  const indexes = Array.from({ length: Math.max(0, end - start + 1) }, (_, offset) => start + offset);
  if (also >= 0 && also < start) indexes.unshift(also);
  else if (also > end && also < range.count) indexes.push(also);
  return indexes;
}
