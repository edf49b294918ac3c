import { useState } from 'react';
import { useTell } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { TextField } from '../../../ui/fields';
import { messages } from '../messages';
import { nameOf } from '../parts/ConfluenceUser';
import { refusalOf, Wrong, type Refusal } from '../parts/Wrong';
import { UnlinkIdentityMutation } from '../queries';
import type { IdentityLink } from './Links';

/** Removes a link, with a reason for colleagues; says what follows. */
export default function UnlinkDialog({ link, onClose, onDone }: { link: IdentityLink; onClose: () => void; onDone: () => void }) {
  const t = useText(messages);
  const [open, setOpen] = useState(true);
  const [reason, setReason] = useState('');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [unlink, running] = useTell(UnlinkIdentityMutation);
  const run = async () => {
    const { data, problem } = await unlink({ input: { id: link.id, reason: reason.trim() || undefined } });
    const refused = refusalOf(problem, data?.unlinkIdentity?.userErrors);
    setRefusal(refused);
    if (refused) return;
    onDone();
    // The browser gives the focus back as it closes; a dialog that is taken away takes it along.
    setOpen(false);
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('unlink.title')}
      footer={
        <>
          <Button kind="danger" busy={running} onClick={() => void run()}>
            {running ? t('unlink.running') : t('unlink.run')}
          </Button>
          <Button onClick={() => setOpen(false)}>{t('unlink.keep')}</Button>
        </>
      }
    >
      <div className="col gap16">
        <p>
          {t.rich('unlink.text', {
            who: <b translate="no">{nameOf(link.identity)}</b>,
            person: <b translate="no">{link.user?.name ?? link.userId}</b>,
          })}
        </p>
        <TextField label={t('link.reason')} hint={t('link.reasonHint')} value={reason} onChange={setReason} maxLength={500} />
        {refusal && <Wrong refusal={refusal} what={t('unlink.failed')} />}
      </div>
    </Dialog>
  );
}
