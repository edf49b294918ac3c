import { useState } from 'react';
import { useTell } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { TextField } from '../../../ui/fields';
import { messages } from '../messages';
import { PersonPicker, type Chosen } from '../parts/PersonPicker';
import { refusalOf, Wrong, type Refusal } from '../parts/Wrong';
import { LinkIdentityMutation } from '../queries';

const KEYS = ['username', 'email', 'userKey', 'accountId', 'displayName'] as const;

/** Links a Confluence user whom nobody asked for yet. `given`: what is known of them already. */
export default function NewLinkDialog({ given: known, onClose, onDone }: {
  given?: Partial<Record<(typeof KEYS)[number], string | null>>;
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useText(messages);
  const [keys, setKeys] = useState<Partial<Record<(typeof KEYS)[number], string | null>>>(known ?? {});
  const [person, setPerson] = useState<Chosen | null>(null);
  const [open, setOpen] = useState(true);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [link, running] = useTell(LinkIdentityMutation);

  const given = Object.fromEntries(KEYS.flatMap((key) => (keys[key]?.trim() ? [[key, keys[key].trim()]] : [])));
  const lacksKey = !KEYS.some((key) => key !== 'displayName' && given[key]);
  const run = async (replace: boolean) => {
    setTried(true);
    if (lacksKey || !person) return;
    const input = { identity: given, userId: person.userId, reason: reason.trim() || undefined, replace };
    const { data, problem } = await link({ input });
    const refused = refusalOf(problem, data?.linkIdentity?.userErrors);
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
      title={t('links.new')}
      footer={
        <Button kind="primary" busy={running} onClick={() => void run(false)}>
          {running ? t('link.running') : t('new.run')}
        </Button>
      }
    >
      <div className="col gap16">
        <p className="t2">{t('new.text')}</p>
        {KEYS.map((key) => (
          <TextField
            key={key}
            label={t(`key.${key}`)}
            hint={key === 'userKey' || key === 'displayName' ? t(`key.${key}.hint`) : undefined}
            error={key === 'username' && tried && lacksKey ? t('new.lacksKey') : undefined}
            value={keys[key] ?? ''}
            onChange={(value) => setKeys({ ...keys, [key]: value })}
          />
        ))}
        <PersonPicker
          label={t('link.find')}
          hint={t('link.findHint')}
          error={tried && !person ? t('new.lacksPerson') : undefined}
          onChoose={setPerson}
        />
        {person && (
          <p>
            {t.rich('new.person', {
              person: (
                <b translate="no">
                  {person.department} {person.name}
                </b>
              ),
            })}
          </p>
        )}
        <TextField label={t('link.reason')} hint={t('link.reasonHint')} value={reason} onChange={setReason} maxLength={500} />
        {refusal && (
          <Wrong refusal={refusal} what={t('link.failed')}>
            {person && refusal.errors.some((error) => error.code === 'CONFLICT') && (
              <p>
                <Button small busy={running} onClick={() => void run(true)}>
                  {t('link.replace', { person: person.name })}
                </Button>
              </p>
            )}
          </Wrong>
        )}
      </div>
    </Dialog>
  );
}
