import { useText } from '../../../i18n';
import type { ConfluenceUserFragment } from '../../../generated/graphql';
import { messages } from '../messages';

/** What a Confluence user is called: the surest thing that a person would recognise. */
export function nameOf(user: ConfluenceUserFragment): string {
  return user.displayName ?? user.username ?? user.email ?? user.accountId ?? user.userKey ?? '';
}

/** A Confluence user: the name, and what tells them from others of that name. */
export function ConfluenceUser({ user, stacked }: { user: ConfluenceUserFragment; stacked?: boolean }) {
  const t = useText(messages);
  const name = nameOf(user);
  // A stable key says nothing to a person: it stands here only where nothing else does.
  const others = [user.username, user.email].filter((each): each is string => !!each && each !== name);
  return (
    <span className={stacked ? 'col' : 'matching-user'}>
      {name ? (
        <b translate="no">{name}</b>
      ) : (
        // Asked for by an email address alone, which the reader may not see.
        <span className="t3">{t('user.hidden')}</span>
      )}
      {others.map((other) => (
        <span key={other} className="small t2 matching-key" translate="no">
          {other}
        </span>
      ))}
    </span>
  );
}
