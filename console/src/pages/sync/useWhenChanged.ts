import { useEffect, useRef } from 'react';

/** Does something each time that a value becomes another one; not when it is known at first. */
export function useWhenChanged(value: string | undefined, act: () => void): void {
  const last = useRef(value);
  useEffect(() => {
    const before = last.current;
    last.current = value;
    if (before !== undefined && before !== value) act();
  }, [value, act]);
}
