import './compose.css';
import { useRef, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useAsk, usePermission, useTell, type Problem } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Loading } from '../../../ui/Loading';
import { Needs } from '../../../ui/Needs';
import { Note } from '../../../ui/Note';
import { PageHead } from '../../../ui/PageHead';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { Said } from '../../../ui/Said';
import { Segments } from '../../../ui/Segments';
import { useDebounced } from '../../../ui/useDebounced';
import { Links } from '../phone/Links';
import { Phone } from '../phone/Phone';
import { shownOfInput, shownOfMsg } from '../phone/shown';
import { TemplateChoice } from '../templates/TemplateChoice';
import { ContentEditor } from './ContentEditor';
import { contentInput, sendInput } from './draft';
import { useDraft } from './kept';
import { messages } from './messages';
import { useMistakes, type Mistake } from './mistakes';
import { Options } from './Options';
import { figuresOf, Outcome } from './Outcome';
import { ComposePreviewQuery, ComposeSendingQuery, SendMessage } from './queries';
import { ReceiverField } from './ReceiverField';
import { useReceiversOfAddress } from './useReceivers';

/** `/messages/new`: a message, as DingTalk will show it, and what would become of it, before it is sent. */
export default function Composer() {
  const t = useText(messages);
  return (
    <>
      <PageHead
        title={t('title')}
        meta={
          <>
            <Link href="/messages">{t('back')}</Link> <span className="compose-kept">{t('kept')}</span>
          </>
        }
      />
      <Needs permission="message:send" what={t('forbidden')}>
        <Form />
      </Needs>
    </>
  );
}

function Form() {
  const t = useText(messages);
  const [, go] = useLocation();
  const [params] = useSearchParams();
  const [draft, change, clear] = useDraft();
  const [tried, setTried] = useState(false);
  const [desktop, setDesktop] = useState(false);
  const [excepting, setExcepting] = useState(draft.except.length > 0);
  const mayRead = usePermission('message:read');
  const directory = usePermission('directory:read');
  useReceiversOfAddress(draft.to, (to) => change({ to }));

  // `?template=page-created`: the templates' page leads here.
  const wanted = params.get('template');
  const [takenTemplate, setTakenTemplate] = useState<string | null>(null);
  if (wanted !== null && wanted !== takenTemplate) {
    setTakenTemplate(wanted);
    if (draft.template?.name !== wanted) change({ template: { name: wanted, variables: {} } });
  }

  const input = sendInput(draft);
  const text = JSON.stringify(input);
  const settled = useDebounced(text, 400);
  const asked = useAsk(ComposePreviewQuery, {
    variables: { input: JSON.parse(settled) as typeof input, directory },
    policy: 'network-only',
    keep: true,
  });
  const sending = useAsk(ComposeSendingQuery, { pause: !mayRead, every: 60 }).data;
  const preview = asked.data?.previewMessage;
  const upToDate = settled === text && !asked.refreshing;

  const [refused, setRefused] = useState<{ text: string; mistakes: readonly Mistake[] } | null>(null);
  const mistakes = useMistakes(refused?.text === text ? refused.mistakes : (preview?.userErrors ?? []), tried);
  const nobody = draft.to.length === 0;
  const reachesNobody = preview != null && preview.userErrors.length === 0 && figuresOf(preview).goes === 0;
  const shown =
    (preview?.content && upToDate ? shownOfMsg(preview.content) : null) ??
    (draft.template ? (preview?.content ? shownOfMsg(preview.content) : null) : shownOfInput(contentInput(draft.content)));

  const form = useRef<HTMLFormElement>(null);
  const toFirstMistake = () => {
    // Fields show what is wrong in the next picture.
    setTimeout(() => {
      const first = form.current?.querySelector<HTMLElement>('[aria-invalid]');
      first?.closest('details')?.setAttribute('open', '');
      first?.focus();
    });
  };

  const key = useRef<{ text: string; key: string } | null>(null);
  const [send, isSending] = useTell(SendMessage);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sent, setSent] = useState<string | null>(null);
  const submit = async () => {
    setTried(true);
    setSent(null);
    setProblem(null);
    if (nobody || (upToDate && (reachesNobody || (preview?.userErrors.length ?? 0) > 0))) return toFirstMistake();

    // The same message sent again, say because the answer was lost, finds the first one.
    if (key.current?.text !== text) key.current = { text, key: `console-${crypto.randomUUID()}` };
    const { data, problem } = await send({ input: { ...input, idempotencyKey: key.current.key } });
    setProblem(problem);
    const answer = data?.sendMessage;
    if (!answer) return;
    if (answer.userErrors.length > 0) {
      setRefused({ text, mistakes: answer.userErrors });
      return toFirstMistake();
    }
    clear();
    setTried(false);
    // Who may not read messages stays here, and is told.
    if (mayRead && answer.message) go(`/messages/${answer.message.id}`);
    else setSent(answer.message?.id ?? '');
  };

  const missing = nobody ? t('to.nobody') : reachesNobody ? t('to.none') : null;
  const toError = missing === null ? mistakes.at('recipients') : tried ? { text: missing, lang: undefined } : null;
  return (
    <div className="compose">
      <form
        ref={form}
        noValidate
        aria-label={t('title')}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Card>
          <div className="compose-row">
            <ReceiverField
              label={t('to')}
              value={draft.to}
              onChange={(to) => change({ to })}
              hint={draft.to.length === 0 ? t('to.hint') : undefined}
              error={toError && <Said sentence={toError} />}
            />
            {excepting ? (
              <ReceiverField label={t('except')} value={draft.except} onChange={(except) => change({ except })} />
            ) : (
              <p className="compose-except small">
                <button type="button" className="text-button" onClick={() => setExcepting(true)}>
                  {t('except.add')}
                </button>
              </p>
            )}
          </div>
          {draft.template ? (
            <TemplateChoice
              template={draft.template}
              mistakes={mistakes}
              onChange={(template) => change({ template })}
              onLeave={() => change({ template: null })}
            />
          ) : (
            <ContentEditor
              content={draft.content}
              onChange={(changes) => change({ content: { ...draft.content, ...changes } })}
              mistakes={mistakes}
              beside={
                <button
                  type="button"
                  className="text-button small"
                  onClick={() => change({ template: { name: '', variables: {} } })}
                >
                  {t('template.use')}
                </button>
              }
            />
          )}
          <Options draft={draft} change={change} mistakes={mistakes} />
          {mistakes.rest.length > 0 && (
            <div className="compose-row">
              <Note tone="bad" alert>
                {mistakes.rest.map((each, index) => (
                  <p key={index}>
                    <Said sentence={each} />
                  </p>
                ))}
              </Note>
            </div>
          )}
        </Card>
      </form>
      <div className="col gap16">
        <Card
          title={t('look')}
          actions={
            <Segments
              small
              label={t('look.how')}
              labelHidden
              value={desktop ? 'desktop' : 'phone'}
              onChange={(how) => setDesktop(how === 'desktop')}
              options={[
                { value: 'phone', text: t('look.phone') },
                { value: 'desktop', text: t('look.desktop') },
              ]}
            />
          }
        >
          <div className="pad compose-look">
            <Phone shown={shown} desktop={desktop} />
            <Links shown={shown} />
          </div>
          {preview && <Bytes bytes={preview.bytes} />}
        </Card>
        <Card title={t('outcome')} meta={preview && !nobody && preview.recipientCounts.length > 0 ? t('outcome.meta', { count: figuresOf(preview).total }) : undefined}>
          <div className="pad" aria-live="polite" aria-busy={!upToDate}>
            {nobody ? (
              <p className="t2">{t('outcome.nobody')}</p>
            ) : asked.problem ? (
              <ProblemPanel problem={asked.problem} again={asked.again} />
            ) : !preview ? (
              <Loading lines={3} />
            ) : preview.userErrors.length > 0 && preview.recipientCounts.length === 0 ? (
              <p className="t2">{t('outcome.incomplete')}</p>
            ) : (
              <Outcome preview={preview} sending={sending?.delivery} quota={sending?.quota} draft={draft} change={change} />
            )}
          </div>
          <div className="pad compose-send">
            <SendButton
              preview={nobody ? null : (preview ?? null)}
              upToDate={upToDate}
              busy={isSending}
              onPress={() => void submit()}
            />
            {problem && <ProblemPanel problem={problem} what={t('send.failed')} />}
            {sent !== null && (
              <Note tone="ok" alert>
                {t.rich('send.done', { id: <code translate="no">{sent}</code> })}
              </Note>
            )}
            <p className="small t2">{t('send.recall')}</p>
          </div>
        </Card>
      </div>
    </div>
  );
}

/** 发给 36 人: says whom it reaches, and what the mode makes of it. */
function SendButton({
  preview,
  upToDate,
  busy,
  onPress,
}: {
  preview: Parameters<typeof figuresOf>[0] | null;
  upToDate: boolean;
  busy: boolean;
  onPress: () => void;
}) {
  const t = useText(messages);
  const count = preview && preview.userErrors.length === 0 ? figuresOf(preview).goes : null;
  const mode = preview?.deliveryMode ?? 'ON';
  const text = busy ? t('send.running') : !count || !upToDate ? t('send') : t(`send.${mode}`, { count });
  return (
    <Button kind="primary" icon="send" className="compose-button-wide" busy={busy} onClick={onPress}>
      {text}
    </Button>
  );
}

/** DingTalk takes 2,048 bytes in all; a Chinese character is three. */
function Bytes({ bytes }: { bytes: number }) {
  const t = useText(messages);
  return (
    <p className={bytes > 2_048 ? 'small bad compose-bytes num' : 'small t2 compose-bytes num'}>
      {t('bytes', { bytes, most: 2_048 })}
    </p>
  );
}
