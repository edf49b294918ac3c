import { useText } from '../../i18n';
import { PageHead } from '../../ui/PageHead';
import { RelativeTime } from '../../ui/RelativeTime';
import { Sep } from '../../ui/Sep';
import { messages } from './messages';

/** Title, how many there are, and whether what is shown follows what happens. */
export function Head({
  people,
  departments,
  live,
}: {
  people: number | null | undefined;
  departments: number | null | undefined;
  /** Null: it is the past. */
  live: { running: boolean; lastAt: string | null } | null;
}) {
  const t = useText(messages);
  const counted = people != null && departments != null;
  return (
    <PageHead
      title={t('title')}
      meta={
        counted && (
          <span className="num">
            {t('people', { count: people })}
            <Sep />
            {t('departments', { count: departments })}
          </span>
        )
      }
      actions={
        live && (
          <span className="row small t2 live">
            <span className={live.running ? 'dot live-on' : 'dot live-off'} aria-hidden="true" />
            {live.running
              ? live.lastAt
                ? t.rich('live.on', { when: <RelativeTime at={live.lastAt} as="moment" /> })
                : t('live.on.none')
              : t('live.off')}
          </span>
        )
      }
    />
  );
}
