import { useEffect, useState, type Key } from 'react';

/**
 * Of the rows in sight those that were there before, and `most` new ones: the others come in the next frames. All at once they
 * would keep a key that is pressed meanwhile waiting.
 */
export function useFewAtOnce<Item extends { key: Key }>(items: readonly Item[], most: number): readonly Item[] {
  const [there, setThere] = useState<ReadonlySet<Key>>(() => new Set());
  let fresh = 0;
  const shown = items.filter(({ key }) => there.has(key) || (fresh += 1) <= most);

  useEffect(() => {
    if (fresh === 0) return;
    const frame = requestAnimationFrame(() => setThere(new Set(shown.map(({ key }) => key))));
    return () => cancelAnimationFrame(frame);
  });
  return shown;
}
