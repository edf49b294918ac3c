import { memo } from 'react';
import { Link } from 'wouter';
import type { LedgerRowFragment } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/classes';
import { dateOf, RelativeTime } from '../../../ui/RelativeTime';
import type { RecipientGroup } from '../../../ui/recipientStates';
import { StateBar } from '../../../ui/StateBar';
import { messages } from '../messages';
import { dayText } from './filter';
import { useOutcome, useTitle } from './words';

/** A message of the ledger: what it is called, who sent it, what became of it. */
export const LedgerRow = memo(function LedgerRow({
  row,
  href,
  chosen,
  fresh,
  group,
}: {
  row: LedgerRowFragment;
  href: string;
  chosen: boolean;
  fresh: boolean;
  /** The one that the ledger is filtered by. */
  group: RecipientGroup | null;
}) {
  const t = useText(messages);
  const title = useTitle(row);
  const outcome = useOutcome(row, group);
  const today = dayText(dateOf(row.createdAt)) === dayText(new Date());
  return (
    <li className={classes(fresh && 'fresh')}>
      <Link href={href} className="ledger-row" aria-current={chosen || undefined}>
        <span className="row">
          <b className="grow clip">{title}</b>
          <span className="small t3 nowrap">
            <RelativeTime at={row.createdAt} as={today ? 'time' : 'moment'} />
          </span>
        </span>
        <span className="row small t2">
          <span className="grow clip">
            {t.rich('row.by', { caller: <span translate="no">{row.caller}</span>, type: t(`type.${row.msgType}`) })}
          </span>
          <span className="nowrap num">{outcome}</span>
        </span>
        <StateBar thin name={t('recipients')} counts={row.recipientCounts ?? []} />
      </Link>
    </li>
  );
});
