import { useFormats, useText } from '../../../i18n';
import { useReasons, type Reason } from '../../../reasons';
import { DataTable } from '../../../ui/DataTable';
import { Pill } from '../../../ui/Pill';
import { RelativeTime } from '../../../ui/RelativeTime';
import type { Tone } from '../../../ui/tone';
import type { IconName } from '../../../ui/icons';
import { Said } from '../../../ui/Said';
import { messages } from '../messages';
import type { OpenMessage } from './MessagePane';

const OUTCOMES: Record<string, readonly [Tone, IconName]> = {
  ACCEPTED: ['wait', 'up'],
  NOT_MADE: ['idle', 'minus'],
  REJECTED: ['bad', 'cross'],
  RETRY: ['wait', 'sync'],
  UNKNOWN: ['doubt', 'question'],
};

const RECALLS: Record<string, readonly [Tone, IconName]> = {
  DONE: ['idle', 'undo'],
  FAILED: ['bad', 'cross'],
  REQUESTED: ['wait', 'clock'],
};

/** The calls that carried the message, and of one that was taken back how far that is for each. */
export function Attempts({ message }: { message: OpenMessage }) {
  const t = useText(messages);
  const { number, percent } = useFormats();
  const say = useReasons();
  const rows = message.attempts?.nodes ?? [];
  if (rows.length === 0) return <p className="pad t2">{t(message.deliveryMode === 'ON' ? 'attempts.none' : 'attempts.none.mode')}</p>;

  const detail = (reason: Reason | null | undefined) => {
    if (!reason) return null;
    return (
      <p className="small t2">
        <Said sentence={say(reason)} />
      </p>
    );
  };
  return (
    <DataTable
      name={t('tab.attempts')}
      rows={rows}
      id={(row) => row.startedAt + (row.taskId ?? '')}
      columns={[
        { title: t('attempts.at'), nowrap: true, cell: (row) => <RelativeTime at={row.startedAt} as="moment" /> },
        { title: t('attempts.recipients'), end: true, cell: (row) => number(row.recipients) },
        {
          title: t('attempts.outcome'),
          cell: (row) => {
            const [tone, icon] = OUTCOMES[row.outcome ?? ''] ?? (['wait', 'clock'] as const);
            return (
              <div className="col gap4">
                <span className="row wrap">
                  <Pill tone={tone} icon={icon}>
                    {t(`attempt.${row.outcome ?? 'RUNNING'}`)}
                  </Pill>
                  {row.code && (
                    <code className="small t3" translate="no">
                      {row.code}
                    </code>
                  )}
                  {row.progress != null && <span className="small t3 num">{t('attempts.progress', { share: percent(row.progress / 100) })}</span>}
                </span>
                {detail(row.detailStatement)}
                {row.recall && (
                  <span className="row wrap">
                    <Pill tone={(RECALLS[row.recall] ?? ['idle'])[0]} icon={RECALLS[row.recall]?.[1]}>
                      {t(`recall.${row.recall}`)}
                    </Pill>
                  </span>
                )}
                {detail(row.recallDetailStatement)}
              </div>
            );
          },
        },
        {
          title: t('attempts.task'),
          cell: (row) => (row.taskId ? <code translate="no">{row.taskId}</code> : null),
        },
      ]}
    />
  );
}
