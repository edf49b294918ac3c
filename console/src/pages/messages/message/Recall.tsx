import { useState } from 'react';
import { Link } from 'wouter';
import { usePermission, useTell, type Problem } from '../../../data';
import { useFormats, useText } from '../../../i18n';
import { useReasons, type Reason } from '../../../reasons';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { Note } from '../../../ui/Note';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { Said } from '../../../ui/Said';
import { messages } from '../messages';
import { RecallMessage } from '../queries';
import type { OpenMessage } from './MessagePane';

/** Where the server couldn't tell. */
const NOBODY = { waiting: 0, sent: 0, outOfReach: 0, until: null };

/** Takes a message back: first whom that reaches, until when, and whom not any more. */
export function Recall({ message, again }: { message: OpenMessage; again: () => void }) {
  const t = useText(messages);
  const formats = useFormats();
  const say = useReasons();
  const maySend = usePermission('message:send');
  const [open, setOpen] = useState(false);
  const [recall, recalling] = useTell(RecallMessage);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [mistakes, setMistakes] = useState<readonly { statement: Reason }[]>([]);

  const { waiting, sent, outOfReach, until } = message.recallReach ?? NOBODY;
  const people = waiting + sent;
  if (message.recalledAt || people === 0 || !maySend) return null;

  const start = async () => {
    const { data, problem } = await recall({ input: { messageId: message.id } });
    setProblem(problem);
    const errors = data?.recallMessage?.userErrors ?? [];
    setMistakes(errors);
    if (!data || errors.length > 0) return;
    setOpen(false);
    again();
  };
  return (
    <>
      <Button kind="danger" small icon="undo" onClick={() => setOpen(true)}>
        {t('recall.button', { people })}
      </Button>
      <Dialog
        title={t('recall.title')}
        open={open}
        onClose={() => setOpen(false)}
        footer={
          <>
            <Button kind="danger" icon="undo" busy={recalling} onClick={() => void start()}>
              {recalling ? t('recall.running') : t('recall.button', { people })}
            </Button>
            <Link className="button quiet" href={`/messages/${message.id}`} onClick={() => setOpen(false)}>
              {t('recall.look')}
            </Link>
          </>
        }
      >
        <ul className="col gap8">
          {waiting > 0 && <li>{t('recall.waiting', { count: waiting })}</li>}
          {sent > 0 && <li>{t('recall.sent', { count: sent })}</li>}
          {outOfReach > 0 && <li className="warn">{t('recall.left', { count: outOfReach })}</li>}
        </ul>
        {until && <p className="small t2 recall-until">{t('recall.until', { when: formats.moment(new Date(until)) })}</p>}
        <p className="small t2">{t('recall.shared')}</p>
        {mistakes.map((mistake, index) => (
          <Note key={index} tone="bad" alert>
            <Said sentence={say(mistake.statement)} />
          </Note>
        ))}
        {problem && <ProblemPanel problem={problem} what={t('recall.failed')} />}
      </Dialog>
    </>
  );
}
