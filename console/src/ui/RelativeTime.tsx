import { useFormats } from '../i18n';
import { useNow } from './now';

/** The schema's times are texts of ISO 8601. */
export type Moment = string | Date;

/** A moment as a `Date`. */
export function dateOf(at: Moment): Date {
  return typeof at === 'string' ? new Date(at) : at;
}

/**
 * 2 分钟前, with the exact time as its tooltip. `as="moment"`: 今天 14:05; `as="time"`: 14:05; `as="day"`: 11月28日.
 */
export function RelativeTime({ at, as = 'relative' }: { at: Moment; as?: 'relative' | 'moment' | 'time' | 'day' }) {
  const formats = useFormats();
  const now = useNow();
  const date = dateOf(at);
  const text = as === 'relative' ? formats.relative(date, now) : formats[as](date);
  return (
    <time className="num" dateTime={date.toISOString()} title={formats.exact(date)}>
      {text}
    </time>
  );
}
