import { useFormats, useText } from '../../../i18n';
import type { QuotaFragment, SendingFragment } from '../../../generated/graphql';
import { messages as components } from '../../../ui/messages';
import { countsByGroup, RECIPIENT_GROUPS } from '../../../ui/recipientStates';
import { StateBar } from '../../../ui/StateBar';
import { messages } from '../messages';
import { Quota } from './Quota';

/** What stands beside the ledger while no message is open: the period's recipients, the quota, the pace. */
export function SendingCard({
  sending,
  quota,
  counts,
}: {
  sending: SendingFragment;
  quota: QuotaFragment | null | undefined;
  counts: readonly { state: string; count: number }[];
}) {
  const t = useText(messages);
  const ui = useText(components);
  const { number } = useFormats();
  const groups = countsByGroup(counts).filter(([, count]) => count > 0);
  return (
    <div className="col gap24 pad">
      <div className="col gap8">
        <h2>{t('sending.title')}</h2>
        <p className="t2">{t('sending.choose')}</p>
      </div>
      {groups.length > 0 && (
        <div className="col gap8">
          <StateBar name={t('recipients')} counts={counts} />
          <ul className="ledger-legend small">
            {groups.map(([group, count]) => (
              <li key={group} className={RECIPIENT_GROUPS[group]}>
                {ui(`group.${group}`)} <b className="num">{number(count)}</b>
              </li>
            ))}
          </ul>
        </div>
      )}
      {quota && <Quota sending={sending} quota={quota} />}
    </div>
  );
}
