import { useState } from 'react';
import { useTell } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Note } from '../../../ui/Note';
import { messages } from '../messages';
import { refusalOf, Wrong, type Refusal } from '../parts/Wrong';
import { UnlinkIdentityMutation } from '../queries';

/** A link that was just made. */
export interface Linked {
  linkId: string;
  who: string;
  person: string;
  department: string;
}

/** Says whom somebody was linked with, and takes it back. */
export function LinkedNote({ linked, onUndone }: { linked: Linked; onUndone: () => void }) {
  const t = useText(messages);
  const [unlink, undoing] = useTell(UnlinkIdentityMutation);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const undo = async () => {
    const { data, problem } = await unlink({ input: { id: linked.linkId } });
    const refused = refusalOf(problem, data?.unlinkIdentity?.userErrors);
    setRefusal(refused);
    if (!refused) onUndone();
  };
  return (
    <div className="pad linked-note" role="status">
      <Note tone="ok">
        <span className="row wrap">
          <span className="grow">
            {t.rich('linked.text', {
              who: <b translate="no">{linked.who}</b>,
              person: (
                <b translate="no">
                  {linked.person} {linked.department}
                </b>
              ),
            })}
          </span>
          <Button small icon="undo" busy={undoing} onClick={() => void undo()}>
            {undoing ? t('linked.undoing') : t('linked.undo')}
          </Button>
        </span>
      </Note>
      {refusal && <Wrong refusal={refusal} what={t('unlink.failed')} />}
    </div>
  );
}
