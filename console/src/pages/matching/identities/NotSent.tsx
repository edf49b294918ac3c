import { useMemo } from 'react';
import { Link } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { Sep } from '../../../ui/Sep';
import { messages } from '../messages';
import type { Known } from './IdentityPane';
import { NotSentToQuery } from './queries';

const WEEK = 7 * 86_400_000;

/** How many messages of the last days were for a Confluence user, and went to nobody. */
export function NotSent({ identity: { username, userKey, accountId, email } }: { identity: Known['identity'] }) {
  const t = useText(messages);
  const mayRead = usePermission('message:read');
  const variables = useMemo(() => {
    // To the hour: another second is no other question.
    const from = new Date(Math.floor((Date.now() - WEEK) / 3_600_000) * 3_600_000).toISOString();
    return { identity: { username, userKey, accountId, email }, from };
  }, [username, userKey, accountId, email]);
  const nameless = !username && !userKey && !accountId && !email;
  const asked = useAsk(NotSentToQuery, { variables, pause: !mayRead || nameless });
  const count = asked.data?.recipientCounts?.reduce((sum, each) => sum + each.count, 0) ?? 0;
  if (count === 0) return null;
  return (
    <>
      <Sep />
      <Link href="/messages?group=failed&day=7d">{t('pane.notSent', { count })}</Link>
    </>
  );
}
