import { reconnect, useConnection } from '../../data';
import { useFormats, useText } from '../../i18n';
import { useSecondsUntil } from '../../ui/ProblemPanel';
import { messages } from '../messages';
import { Bar } from './ModeBar';

/** The server can't be reached: of when what is shown is, and when it is tried again. */
export function OfflineBar() {
  const t = useText(messages);
  const formats = useFormats();
  const { lastAnswerAt, retryAt } = useConnection();
  const seconds = useSecondsUntil(retryAt);
  return (
    <Bar
      icon="warning"
      // It counts the seconds, which nobody wants to hear.
      quiet
      link={
        <button type="button" className="text-button" onClick={reconnect}>
          {t('offline.reconnect')}
        </button>
      }
    >
      <span className="unseen" role="status">
        {t('offline.said')}
      </span>
      {lastAnswerAt ? t('offline.bar', { time: formats.time(lastAnswerAt), seconds }) : t('offline.never', { seconds })}
    </Bar>
  );
}
