import { useEffect, useId, useRef } from 'react';
import { cameFromWithin } from '../address';

/**
 * A card's heading, which names it. It takes the focus where that was lost: what somebody pressed within the former card, or
 * in a list that this card replaced, is no longer there.
 */
export function useHeading() {
  const id = useId();
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (cameFromWithin() && document.activeElement === document.body) ref.current?.focus({ preventScroll: true });
  }, []);
  return { ref, id, tabIndex: -1 };
}
