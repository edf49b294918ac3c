import { lazy, Suspense, useState } from 'react';
import { usePermission } from '../../../data';
import type { RecipientState } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import type { OpenMessage } from '../message/MessagePane';
import { messages } from './messages';

const ResendForm = lazy(() => import('./ResendForm'));

/** Who can be sent to again: those of whom it isn't known that they have it. */
const ALLOWED: readonly RecipientState[] = [
  'UNMATCHED',
  'FAILED',
  'INVALID',
  'EXPIRED',
  'UNKNOWN',
  'DROPPED_DUPLICATE',
  'DROPPED_QUOTA',
  'SKIPPED',
  'SUPPRESSED',
  'SHADOWED',
  'REDIRECTED',
];

/** Sends a message again to those who haven't got it. What was taken back or erased can't be sent again. */
export function Resend({ message }: { message: OpenMessage }) {
  const t = useText(messages);
  const maySend = usePermission('message:send');
  const [open, setOpen] = useState(false);
  const possible = (message.recipientCounts ?? []).filter(({ state, count }) => count > 0 && ALLOWED.includes(state));
  if (!maySend || possible.length === 0 || message.recalledAt || message.erasedAt) return null;
  return (
    <>
      <Button small icon="send" onClick={() => setOpen(true)}>
        {t('resend')}
      </Button>
      {open && (
        <Suspense>
          <ResendForm messageId={message.id} possible={possible} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
