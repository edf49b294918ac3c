import { useText } from '../i18n';
import { classes } from './classes';
import { messages } from './messages';
import { useNow } from './now';
import { dateOf, RelativeTime, type Moment } from './RelativeTime';

/** How old what is shown may be, beside a verdict. Older than two cycles it turns to the colour of a warning. */
export function Freshness({ asOf, cycleSeconds }: { asOf: Moment | null | undefined; cycleSeconds?: number | null }) {
  const t = useText(messages);
  const now = useNow();
  if (!asOf) return <span className="small t2">{t('fresh.never')}</span>;

  const age = (now.getTime() - dateOf(asOf).getTime()) / 1_000;
  const stale = cycleSeconds != null && age > 2 * cycleSeconds;
  return (
    <span className={classes('small', 'nowrap', stale ? 'warn' : 't2')}>
      {t.rich('fresh.checked', { when: <RelativeTime at={asOf} /> })}
    </span>
  );
}
