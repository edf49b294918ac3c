import './panel.css';
import { useEffect, useState, type ReactNode } from 'react';
import { useText } from '../i18n';
import { messages } from './messages';

/** Grey lines, after 300 ms: what comes sooner doesn't flicker. After 4 s it says what is waited for. */
export function Loading({ lines = 4, waitsFor }: { lines?: number; waitsFor?: ReactNode }) {
  const t = useText(messages);
  const waited = useElapsed(300, 4_000);
  if (waited === 0) return null;
  return (
    <div className="skeleton" role="status" aria-label={t('panel.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} />
      ))}
      {waited > 1 && <p className="small t3">{waitsFor ?? t('panel.waiting')}</p>}
    </div>
  );
}

/** How many of these times, in ms, have passed since it was first rendered. */
function useElapsed(...times: number[]): number {
  const [passed, setPassed] = useState(0);
  const key = times.join();
  useEffect(() => {
    const timers = key.split(',').map((time, index) => setTimeout(() => setPassed(index + 1), Number(time)));
    return () => timers.forEach(clearTimeout);
  }, [key]);
  return passed;
}
