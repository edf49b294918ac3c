import { useFormats } from '../i18n';

/** A number with the language's digit grouping and figures of one width. What it counts stands beside it. */
export function Count({ value }: { value: number }) {
  return <span className="num">{useFormats().number(value)}</span>;
}
