import { reconnect, useConnection } from '../../data';
import { useFormats, useText } from '../../i18n';
import { Icon } from '../../ui/Icon';
import { useSecondsUntil } from '../../ui/ProblemPanel';
import { messages } from '../messages';

/** The server can't be reached: of when what is shown is, and when it is tried again. */
export function OfflineBar() {
  const t = useText(messages);
  const formats = useFormats();
  const { lastAnswerAt, retryAt } = useConnection();
  const seconds = useSecondsUntil(retryAt);
  return (
    <div className="modebar">
      <Icon name="warning" />
      <span className="grow">
        {lastAnswerAt
          ? t('offline.bar', { time: formats.time(lastAnswerAt), seconds })
          : t('offline.never', { seconds })}
      </span>
      <button type="button" className="text-button" onClick={reconnect}>
        {t('offline.reconnect')}
      </button>
    </div>
  );
}
