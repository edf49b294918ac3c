import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useAsk, usePermission, useTell, type Problem } from '../../../data';
import { useFormats, useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { Checkbox } from '../../../ui/fields';
import { Loading } from '../../../ui/Loading';
import { Note } from '../../../ui/Note';
import { messages as components } from '../../../ui/messages';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { isKnownState } from '../../../ui/recipientStates';
import { Said } from '../../../ui/Said';
import { messages } from './messages';
import { PreviewResendQuery, ResendMessage, type ResendInput } from './queries.next';

/** Who can be sent to again: those of whom it isn't known that they have it. */
const ALLOWED = [
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

/** Chosen from the beginning: nobody of these has it, and the others may or were left out on purpose. */
const CHOSEN = ['UNMATCHED', 'FAILED', 'INVALID', 'EXPIRED'];

/** Sends a message again to the recipients in chosen states, or to chosen ones; first what would become of it. */
export function Resend({
  messageId,
  counts,
  recipientIds,
}: {
  messageId: string;
  counts: readonly { state: string; count: number }[];
  /** Only these recipients, whatever their states. */
  recipientIds?: readonly string[];
}) {
  const t = useText(messages);
  const maySend = usePermission('message:send');
  const [open, setOpen] = useState(false);
  const possible = counts.filter(({ state, count }) => count > 0 && ALLOWED.includes(state));
  if (!maySend || possible.length === 0) return null;
  return (
    <>
      <Button small icon="send" onClick={() => setOpen(true)}>
        {t('resend')}
      </Button>
      {open && <Form messageId={messageId} possible={possible} recipientIds={recipientIds} onClose={() => setOpen(false)} />}
    </>
  );
}

function Form({
  messageId,
  possible,
  recipientIds,
  onClose,
}: {
  messageId: string;
  possible: readonly { state: string; count: number }[];
  recipientIds: readonly string[] | undefined;
  onClose: () => void;
}) {
  const t = useText(messages);
  const ui = useText(components);
  const { number } = useFormats();
  const say = useReasons();
  const [, go] = useLocation();
  const [states, setStates] = useState(() => possible.map(({ state }) => state).filter((state) => CHOSEN.includes(state)));
  const [mark, setMark] = useState(false);
  const key = useRef(`console-${crypto.randomUUID()}`);

  const input: ResendInput = {
    messageId,
    ...(recipientIds ? { recipientIds: [...recipientIds] } : { states }),
    onDuplicate: mark ? 'MARK' : 'SEND',
  };
  const nobody = !recipientIds && states.length === 0;
  const asked = useAsk(PreviewResendQuery, { variables: { input }, pause: nobody, policy: 'network-only' });
  const preview = nobody ? null : asked.data?.previewResend;
  const [send, sending] = useTell(ResendMessage);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [mistakes, setMistakes] = useState<readonly { message: string }[]>([]);

  const count = (...wanted: string[]) =>
    (preview?.recipientCounts ?? []).filter(({ state }) => wanted.includes(state)).reduce((sum, each) => sum + each.count, 0);
  const goes = count('QUEUED', 'SUPPRESSED', 'SHADOWED', 'REDIRECTED');
  const still = count('UNMATCHED', 'INVALID', 'FAILED');
  const drops = (preview?.recipients ?? []).filter(({ prediction }) => prediction).length;

  const start = async () => {
    if (nobody) return;
    const { data, problem } = await send({ input: { ...input, idempotencyKey: `${key.current}-${states.join('-')}-${mark}` } });
    setProblem(problem);
    const answer = data?.resendMessage;
    setMistakes(answer?.userErrors ?? []);
    if (answer?.message) go(`/messages/${answer.message.id}`);
  };

  const told = [...(preview?.userErrors ?? []), ...mistakes].map(({ message }) => say({ text: message }));
  return (
    <Dialog
      title={t('resend.title')}
      open
      onClose={onClose}
      footer={
        <Button kind="primary" icon="send" busy={sending} onClick={() => void start()}>
          {sending ? t('resend.running') : nobody ? t('resend') : t('resend.button', { count: goes })}
        </Button>
      }
    >
      <div className="col gap12">
        <p className="t2">{t('resend.text')}</p>
        {!recipientIds && (
          <fieldset className="field">
            <legend>{t('resend.states')}</legend>
            {possible.map(({ state, count }) => (
              <Checkbox
                key={state}
                checked={states.includes(state)}
                onChange={(on) => setStates(on ? [...states, state] : states.filter((each) => each !== state))}
              >
                {isKnownState(state) ? ui(`state.${state}`) : <span translate="no">{state}</span>} <span className="num t2">{number(count)}</span>
              </Checkbox>
            ))}
          </fieldset>
        )}
        {states.includes('UNKNOWN') && <Note tone="doubt">{t('resend.unknown')}</Note>}
        <Checkbox checked={mark} onChange={setMark}>
          {t('resend.mark')}
        </Checkbox>
        {nobody ? (
          <p className="t2">{t('resend.none')}</p>
        ) : asked.problem ? (
          <ProblemPanel problem={asked.problem} again={asked.again} />
        ) : preview ? (
          <ul className="col gap4" aria-live="polite">
            <li>{t('resend.goes', { count: Math.max(0, goes - drops) })}</li>
            {drops > 0 && <li className="warn">{t('resend.drops', { count: drops })}</li>}
            {still > 0 && <li className="bad">{t('resend.still', { count: still })}</li>}
            {preview.deliveryMode !== 'ON' && <li className="warn">{t('resend.mode')}</li>}
          </ul>
        ) : (
          <Loading lines={2} />
        )}
        {told.map((each, index) => (
          <Note key={index} tone="bad" alert>
            <Said sentence={each} />
          </Note>
        ))}
        {problem && <ProblemPanel problem={problem} what={t('resend.failed')} />}
      </div>
    </Dialog>
  );
}
