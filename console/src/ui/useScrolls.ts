import { useCallback, useState } from 'react';

/**
 * Whether an element has more than fits: only then is it a stop of the Tab key, so that the arrow keys can scroll it. Give
 * `ref` to it and to nothing else.
 */
export function useScrolls(): { scrolls: boolean; ref: (element: HTMLElement | null) => (() => void) | undefined } {
  const [scrolls, setScrolls] = useState(false);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const look = () => setScrolls(element.scrollHeight > element.clientHeight);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    // What is within grows without it.
    for (const child of element.children) observer.observe(child);
    const changes = new MutationObserver(look);
    changes.observe(element, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      changes.disconnect();
    };
  }, []);
  return { scrolls, ref };
}
