import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import { usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { messages } from '../messages';
import { identityHref } from '../parts/address';
import { useKnown } from './useKnown';
import type { Resolved } from './Who';

const NewLinkDialog = lazy(() => import('../links/NewLinkDialog'));

/** Leads to the Confluence user of an answer; one whom the server doesn't know yet is linked in a form. */
export function FindThem({ identity, answer, onLinked }: Resolved & { onLinked: () => void }) {
  const t = useText(messages);
  const mayLink = usePermission('identity:write');
  const mayList = usePermission('directory:read');
  const [, go] = useLocation();
  const find = useKnown();
  const [busy, setBusy] = useState(false);
  const [unknown, setUnknown] = useState(false);
  // Lists need the one permission, the form the other.
  if (!mayList && !mayLink) return null;

  const open = async () => {
    if (busy) return;
    setBusy(true);
    const found = mayList ? await find(identity) : null;
    setBusy(false);
    if (found) go(identityHref(found.status, found.id));
    else setUnknown(true);
  };
  return (
    <>
      <Button kind="quiet" small className="who-find" busy={busy} onClick={() => void open()}>
        {t(answer.status === 'AMBIGUOUS' ? 'who.resolve' : 'who.find')}
      </Button>
      {unknown && !mayLink && <p className="small t2">{t('who.unknown')}</p>}
      {unknown && mayLink && (
        <Suspense>
          <NewLinkDialog given={identity} onClose={() => setUnknown(false)} onDone={onLinked} />
        </Suspense>
      )}
    </>
  );
}
