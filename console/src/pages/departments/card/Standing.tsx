import { Link } from 'wouter';
import { useText } from '../../../i18n';
import { Note } from '../../../ui/Note';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';

/** Why somebody or something is held or gone, and what can be done; nothing while it stands in the company. */
export function Standing({
  state,
  cause,
  lastSeen,
  entity,
}: {
  state: 'ACTIVE' | 'HELD' | 'GONE';
  cause: string | null | undefined;
  lastSeen: string;
  entity: 'USER' | 'DEPARTMENT';
}) {
  const t = useText(messages);
  if (state === 'ACTIVE') return null;
  const reason = t(`cause.${entity}.${causeOf(cause, entity)}`);
  return (
    <div className="card-note">
      {state === 'HELD' ? (
        <Note tone="warn" icon="clock">
          <p>{t('standing.held', { reason })}</p>
          <p className="small">
            <Link href="/sync/removals">{t('standing.held.link')}</Link>
          </p>
        </Note>
      ) : (
        <Note tone="idle" icon="minus">
          <p>{reason}</p>
          <p className="small t2">
            {t.rich(`standing.gone.${entity}`, { when: <RelativeTime at={lastSeen} as="moment" /> })}
          </p>
        </Note>
      )}
    </div>
  );
}

const CAUSES = ['LEFT', 'DEPARTMENT_REMOVED', 'OUT_OF_SCOPE'] as const;

/** The cause as far as this console knows it. */
function causeOf(cause: string | null | undefined, entity: 'USER' | 'DEPARTMENT'): (typeof CAUSES)[number] {
  return CAUSES.find((each) => each === cause) ?? (entity === 'USER' ? 'LEFT' : 'DEPARTMENT_REMOVED');
}
