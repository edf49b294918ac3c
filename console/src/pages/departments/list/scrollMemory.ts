/** Where lists stood that a card replaced in a narrow window: 返回 comes back to there, once. */
const offsets = new Map<string, number>();

/** Remembers where a list stood; not in a wide window, where it stays in sight. */
export function rememberOffset(list: string, offset: number): void {
  if (matchMedia('(max-width: 767px)').matches) offsets.set(list, offset);
}

/** Where the list stood, or its beginning. */
export function recallOffset(list: string): number {
  const offset = offsets.get(list) ?? 0;
  offsets.delete(list);
  return offset;
}
