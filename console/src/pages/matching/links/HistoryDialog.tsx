import { useAsk } from '../../../data';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Dialog } from '../../../ui/Dialog';
import { DiffRow, type DiffValue } from '../../../ui/DiffRow';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { LinkHistoryQuery } from './queries';

/** Who made, changed and removed a link, newest first. */
export default function HistoryDialog({ linkId, onClose }: { linkId: string; onClose: () => void }) {
  const t = useText(messages);
  const asked = useAsk(LinkHistoryQuery, { variables: { linkId } });
  const value = (user: { name: string } | null | undefined, id: string | null | undefined): DiffValue =>
    id ? { text: <span translate="no">{user?.name ?? id}</span> } : 'empty';
  return (
    <Dialog drawer open onClose={onClose} title={t('history.title')}>
      <Answer asked={asked}>
        {(data) => (
          <ul className="col gap16">
            {data.identityLinkHistory?.nodes.map((entry, index) => (
              <li key={index}>
                <p className="row wrap">
                  <b>{t(`history.${entry.action}`)}</b>
                  <span className="small t2">
                    <span translate="no">{entry.by}</span> <RelativeTime at={entry.at} as="moment" />
                  </span>
                  {entry.imported && <span className="small t3">{t('history.imported')}</span>}
                </p>
                <DiffRow
                  field={t('column.dingtalk')}
                  before={value(entry.userBefore, entry.userIdBefore)}
                  after={value(entry.userAfter, entry.userIdAfter)}
                />
                {entry.reason && (
                  <p className="small t2" translate="no">
                    {entry.reason}
                  </p>
                )}
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Dialog>
  );
}
