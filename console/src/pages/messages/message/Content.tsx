import { useFormats, useText } from '../../../i18n';
import { CopyButton } from '../../../ui/CopyButton';
import { Panel } from '../../../ui/Panel';
import { RelativeTime } from '../../../ui/RelativeTime';
import { Links } from '../phone/Links';
import { Phone } from '../phone/Phone';
import { shownOfMsg } from '../phone/shown';
import { messages } from '../messages';
import type { OpenMessage } from './MessagePane';

/** The message as its receivers saw it, and where its links lead. */
export function Seen({ message }: { message: OpenMessage }) {
  const t = useText(messages);
  if (message.erasedAt) {
    return (
      <Panel title={t('content.erased')}>
        <p className="t2">{t.rich('content.erased.text', { when: <RelativeTime at={message.erasedAt} as="day" /> })}</p>
      </Panel>
    );
  }
  const shown = shownOfMsg(message.content);
  return (
    <div className="col gap12">
      <p className="small t2">{t('seen')}</p>
      <Phone shown={shown} at={new Date(message.createdAt)} />
      <Links shown={shown} />
    </div>
  );
}

/** The same where the third pane has no room, how it was asked for, and what DingTalk was given. */
export function Content({ message }: { message: OpenMessage }) {
  const t = useText(messages);
  const formats = useFormats();
  const raw = message.content == null ? '' : JSON.stringify(message.content, null, 2);
  return (
    <div className="pad col gap16">
      <div className="content-seen">
        <Seen message={message} />
      </div>
      <dl className="pairs">
        <dt>{t('content.onDuplicate')}</dt>
        <dd>{t(`onDuplicate.${message.onDuplicate}`)}</dd>
        <dt>{t('content.onUnknown')}</dt>
        <dd>{t(`onUnknown.${message.onUnknown}`)}</dd>
        {message.expiresAt && (
          <>
            <dt>{t('content.expires')}</dt>
            <dd>{formats.moment(new Date(message.expiresAt))}</dd>
          </>
        )}
        <dt>{t('content.follow')}</dt>
        <dd>{t(message.followUp === 'ON' ? 'pace.follow.ON' : 'pace.follow.OFF')}</dd>
        {message.idempotencyKey && (
          <>
            <dt>{t('content.key')}</dt>
            <dd>
              <code translate="no">{message.idempotencyKey}</code>
            </dd>
          </>
        )}
        <dt>{t('content.id')}</dt>
        <dd>
          <code translate="no">{message.id}</code> <CopyButton text={message.id} />
        </dd>
      </dl>
      {raw && (
        <details>
          <summary>{t('content.raw')}</summary>
          <pre className="content-raw mono" translate="no" tabIndex={0}>
            {raw}
          </pre>
          <CopyButton text={raw} />
        </details>
      )}
    </div>
  );
}
