import { useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAsk, useTell, type Problem } from '../../../data';
import type { RecipientState, ResendMessageInput } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { useReasons, type Reason } from '../../../reasons';
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
import { PreviewResendQuery, ResendMessage } from './queries';

/** Chosen from the beginning: nobody of these has it, and the others may or were left out on purpose. */
const CHOSEN: readonly RecipientState[] = ['UNMATCHED', 'FAILED', 'INVALID', 'EXPIRED'];

/** Whom it is sent to again, what would become of it, and the button. */
export default function ResendForm({ messageId, possible, onClose }: {
  messageId: string;
  /** The states in which somebody is who can be sent to again. */
  possible: readonly { state: RecipientState; count: number }[];
  onClose: () => void;
}) {
  const t = useText(messages);
  const ui = useText(components);
  const { number } = useFormats();
  const say = useReasons();
  const [, go] = useLocation();
  const [states, setStates] = useState(() => possible.map(({ state }) => state).filter((state) => CHOSEN.includes(state)));
  const [mark, setMark] = useState(false);
  // The same choice sent twice, say because the answer was lost, finds the first message.
  const keys = useRef(new Map<string, string>());
  const keyOf = (choice: string) => {
    const key = keys.current.get(choice) ?? `console-${crypto.randomUUID()}`;
    keys.current.set(choice, key);
    return key;
  };

  // In the order of the list, whichever was chosen first.
  const chosen = possible.map(({ state }) => state).filter((state) => states.includes(state));
  const input: ResendMessageInput = { messageId, states: chosen, onDuplicate: mark ? 'MARK' : 'SEND' };
  const nobody = states.length === 0;
  const asked = useAsk(PreviewResendQuery, { variables: { input }, pause: nobody, policy: 'network-only' });
  const preview = nobody ? null : asked.data?.previewResend;
  const [send, sending] = useTell(ResendMessage);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [mistakes, setMistakes] = useState<readonly { statement: Reason }[]>([]);

  const count = (...wanted: string[]) =>
    (preview?.recipientCounts ?? []).filter(({ state }) => wanted.includes(state)).reduce((sum, each) => sum + each.count, 0);
  const goes = count('QUEUED', 'SUPPRESSED', 'SHADOWED', 'REDIRECTED');
  const still = count('UNMATCHED', 'INVALID', 'FAILED');
  const canSend = !nobody && goes > 0;
  const drops = (preview?.recipients ?? []).filter(({ prediction }) => prediction).length;

  const start = async () => {
    if (!canSend) return;
    const { data, problem } = await send({ input: { ...input, idempotencyKey: keyOf(JSON.stringify(input)) } });
    setProblem(problem);
    const answer = data?.resendMessage;
    setMistakes(answer?.userErrors ?? []);
    if (answer?.message) go(`/messages/${answer.message.id}`);
  };

  const unmatched = count('UNMATCHED') > 0;
  const told = [...(preview?.userErrors ?? []), ...mistakes].map(({ statement }) => say(statement));
  return (
    <Dialog
      title={t('resend.title')}
      open
      onClose={onClose}
      footer={
        <>
          <Button kind="primary" icon="send" busy={sending} aria-disabled={!canSend} onClick={() => void start()}>
            {sending ? t('resend.running') : canSend ? t('resend.button', { count: goes }) : t('resend')}
          </Button>
          {nobody && <span className="small t2">{t('resend.none')}</span>}
          {!nobody && preview && goes === 0 && told.length === 0 && (
            <span className="small bad">
              {unmatched ? t.rich('resend.nobody.unmatched', { link: (text) => <Link className="in-text" href="/matching/unmatched">{text}</Link> }) : t('resend.nobody')}
            </span>
          )}
        </>
      }
    >
      <div className="col gap12">
        <p className="t2">{t('resend.text')}</p>
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
            {preview.noticeStatements.map((notice) => (
              <li key={notice.text} className="small t2">
                <Said sentence={say(notice)} />
              </li>
            ))}
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
