import { useState } from 'react';
import { useShell } from '../../../app/shell/ShellContext';
import { usePermission, useTell, type Problem } from '../../../data';
import type { SendingFragment } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { useReasons, type Reason } from '../../../reasons';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { Note } from '../../../ui/Note';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { Said } from '../../../ui/Said';
import { messages } from '../messages';
import { ReleaseHeldMessages, ResumeDelivery } from '../queries';

/** What keeps messages from going out now, each with what ends it. */
export function SendingNotes({ sending, again }: { sending: SendingFragment; again: () => void }) {
  const [told, setTold] = useState<'resumed' | 'wasNot' | null>(null);
  const t = useText(messages);
  const anything = sending.stoppedUntil || sending.ownFaultStatement || sending.held > 0 || told;
  if (!anything) return null;
  return (
    <div className="col gap8 ledger-notes">
      {sending.stoppedUntil && <Stopped sending={sending} again={again} onTold={setTold} />}
      {!sending.stoppedUntil && told && <Note tone="ok" alert>{t(`stop.${told}`)}</Note>}
      {sending.ownFaultStatement && <OwnFault reason={sending.ownFaultStatement} />}
      {sending.held > 0 && <Held count={sending.held} again={again} />}
    </div>
  );
}

function Stopped({
  sending,
  again,
  onTold,
}: {
  sending: SendingFragment;
  again: () => void;
  onTold: (told: 'resumed' | 'wasNot') => void;
}) {
  const t = useText(messages);
  const formats = useFormats();
  const shell = useShell();
  const say = useReasons();
  const mayWrite = usePermission('settings:write');
  const [resume, resuming] = useTell(ResumeDelivery);
  const [problem, setProblem] = useState<Problem | null>(null);

  const start = async () => {
    const { data, problem } = await resume({});
    setProblem(problem);
    if (!data) return;
    onTold(data.resumeDelivery?.wasStopped ? 'resumed' : 'wasNot');
    again();
    shell.again();
  };
  return (
    <Note tone="warn" alert>
      <p className="bold">{t('stop.title', { until: formats.moment(new Date(sending.stoppedUntil ?? '')), count: sending.queued })}</p>
      <p>
        <Said sentence={sending.stoppedStatement && say(sending.stoppedStatement)} />
      </p>
      <p className="small t2">{t('stop.text')}</p>
      <p className="row wrap ledger-note-button">
        {mayWrite ? (
          <Button small icon="play" busy={resuming} onClick={() => void start()}>
            {resuming ? t('stop.resuming') : t('stop.resume')}
          </Button>
        ) : (
          <span className="small t2">{t.rich('lacks', { permission: <code translate="no">settings:write</code> })}</span>
        )}
      </p>
      {problem && <ProblemPanel problem={problem} what={t('stop.failed')} />}
    </Note>
  );
}

function OwnFault({ reason: its }: { reason: Reason }) {
  const t = useText(messages);
  const reason = useReasons()(its);
  return (
    <Note tone="warn">
      <p className="bold">{t('fault.title')}</p>
      <p>
        <Said sentence={reason} />
      </p>
    </Note>
  );
}

/** Messages that were resolved for another app: sent only if somebody says that both are of one company. */
function Held({ count, again }: { count: number; again: () => void }) {
  const t = useText(messages);
  const mayWrite = usePermission('settings:write');
  const [open, setOpen] = useState(false);
  const [release, releasing] = useTell(ReleaseHeldMessages);
  const [problem, setProblem] = useState<Problem | null>(null);

  const start = async () => {
    const { data, problem } = await release({});
    setProblem(problem);
    if (!data) return;
    setOpen(false);
    again();
  };
  return (
    <Note tone="warn">
      <p className="bold">{t('held.title', { count })}</p>
      <p>{t('held.text')}</p>
      <p className="row wrap ledger-note-button">
        {mayWrite ? (
          <Button small onClick={() => setOpen(true)}>
            {t('held.open')}
          </Button>
        ) : (
          <span className="small t2">{t.rich('lacks', { permission: <code translate="no">settings:write</code> })}</span>
        )}
      </p>
      <Dialog
        title={t('held.open')}
        open={open}
        onClose={() => setOpen(false)}
        footer={
          <Button kind="danger" icon="send" busy={releasing} onClick={() => void start()}>
            {t('held.release', { count })}
          </Button>
        }
      >
        <p>{t('held.text')}</p>
        <p className="t2">{t('held.same')}</p>
        {problem && <ProblemPanel problem={problem} />}
      </Dialog>
    </Note>
  );
}
