import { Link } from 'wouter';
import { useText } from '../../../i18n';
import { RelativeTime } from '../../../ui/RelativeTime';
import type { OpenMessage } from '../message/MessagePane';
import { messages } from './messages';

/** Which message this one sends again, and which sent it again. */
export function Again({ message: { resendOf, resends } }: { message: OpenMessage }) {
  const t = useText(messages);
  const later = resends?.nodes ?? [];
  return (
    <>
      {resendOf && (
        <p className="small t2">
          {t.rich('resend.of', {
            title: (
              <Link href={`/messages/${resendOf.id}`} translate="no">
                {resendOf.title ?? resendOf.id}
              </Link>
            ),
          })}
        </p>
      )}
      {later.length > 0 && (
        <div className="small t2">
          {t('resend.later')}
          <ul>
            {later.map((each) => (
              <li key={each.id}>
                <Link href={`/messages/${each.id}`}>
                  <RelativeTime at={each.createdAt} as="moment" />
                </Link>{' '}
                {t('people', { count: (each.recipientCounts ?? []).reduce((sum, { count }) => sum + count, 0) })}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
