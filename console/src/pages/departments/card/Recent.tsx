import { Link } from 'wouter';
import { useMissing } from '../../../data';
import type { PersonCardQuery as Answer } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Icon } from '../../../ui/Icon';
import { RelativeTime } from '../../../ui/RelativeTime';
import { StatePill } from '../../../ui/StatePill';
import { messages } from '../messages';
import { Changes } from './Changes';
import type { Person } from './PersonCard';

/** The last messages to a person, and what changed of them. */
export function Recent({ data, person, onHistory }: { data: Answer; person: Person; onHistory: () => void }) {
  const t = useText(messages);
  const { number } = useFormats();
  const missing = useMissing(['message:read']);
  const sent = data.messages;
  const changes = person.changes;
  return (
    <section className="card-part">
      <div className="row">
        <h3 className="grow">{t('recent')}</h3>
        {sent && (
          <Link className="small" href={`/messages?user=${encodeURIComponent(person.userId)}`}>
            {t('recent.messages', { count: number(sent.totalCount ?? 0) })}
          </Link>
        )}
        <button type="button" className="text-button small" onClick={onHistory}>
          {t('recent.history', { count: number(changes?.totalCount ?? 0) })}
        </button>
      </div>
      {missing.length > 0 && (
        <p className="row top t2 small">
          <Icon name="lock" />
          <span>
            {t('recent.locked')}{' '}
            <code className="small" translate="no">
              {missing.join(', ')}
            </code>
          </span>
        </p>
      )}
      {sent && sent.nodes.length > 0 && <Messages data={data} />}
      {sent && sent.nodes.length === 0 && <p className="small t3">{t('recent.none')}</p>}
      {changes && <Changes changes={changes.nodes} />}
    </section>
  );
}

function Messages({ data }: { data: Answer }) {
  const t = useText(messages);
  const states = new Map(data.recipients?.nodes.map(({ messageId, state }) => [messageId, state]));
  return (
    <ul className="recent">
      {data.messages?.nodes.map(({ id, title, msgType, createdAt }) => {
        const state = states.get(id);
        return (
          <li key={id} className="recent-row">
            <span className="small t3 nowrap">
              <RelativeTime at={createdAt} as="moment" />
            </span>
            <Link className="clip" href={`/messages/${encodeURIComponent(id)}`}>
              {title ? <span translate="no">{title}</span> : t(`message.${msgType}`)}
            </Link>
            {state && <StatePill state={state} />}
          </li>
        );
      })}
    </ul>
  );
}
