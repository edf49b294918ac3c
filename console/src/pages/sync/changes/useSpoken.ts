import { useEffect, useRef, useState } from 'react';

const PAUSE = 10_000;

/** A count for a polite live region: what is new since it was said last, at most once in ten seconds. */
export function useSpoken(count: number): number {
  const [said, setSaid] = useState(0);
  const last = useRef({ count, at: 0 });
  useEffect(() => {
    if (count < last.current.count) last.current.count = count;
    if (count === last.current.count) return undefined;
    const say = () => {
      setSaid(count - last.current.count);
      last.current = { count, at: Date.now() };
    };
    const wait = last.current.at + PAUSE - Date.now();
    if (wait <= 0) {
      say();
      return undefined;
    }
    const timer = setTimeout(say, wait);
    return () => clearTimeout(timer);
  }, [count]);
  return said;
}
