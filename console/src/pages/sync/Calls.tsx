import './timeline.css';
import { useText } from '../../i18n';
import { messages } from './messages';
import type { RunFacts } from './runFacts';

/** Calls by API: each beside what is expected of it, or, where nobody knows, beside the one that is asked most. */
export function Calls({ calls }: { calls: RunFacts['counts']['calls'] }) {
  const t = useText(messages);
  const most = Math.max(1, ...calls.map((each) => each.expected ?? each.calls));
  const name = (api: string) => {
    const key = `api.${api}`;
    return t.has(key) ? t(key as 'api.user_get') : <span translate="no">{api}</span>;
  };
  return (
    <dl className="calls small">
      {calls.map(({ api, calls: made, expected }) => (
        <div key={api} style={{ display: 'contents' }}>
          <dt>{name(api)}</dt>
          <dd>
            <span className="calls-bar" aria-hidden="true">
              <i style={{ width: `${Math.min(100, (made / (expected ?? most)) * 100)}%` }} />
            </span>
            <span className="num t2 calls-count">
              {expected != null && expected > made ? t('calls.of', { made, expected }) : t('calls.made', { made })}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
