import { useEffect, useRef } from 'react';
import { Link, useRoute } from 'wouter';
import { useAsk, useLive, usePermission } from '../../../data';
import type { MessageQuery as Answered } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { LinkButton } from '../../../ui/Button';
import { messages as components } from '../../../ui/messages';
import { Note } from '../../../ui/Note';
import { Panel } from '../../../ui/Panel';
import { countsByGroup, RECIPIENT_GROUPS } from '../../../ui/recipientStates';
import { RelativeTime } from '../../../ui/RelativeTime';
import { Sep } from '../../../ui/Sep';
import { StateBar } from '../../../ui/StateBar';
import { Tabs } from '../../../ui/Tabs';
import { useMedia } from '../../../ui/useMedia';
import { messages } from '../messages';
import { MessageQuery, MessageUpdates } from '../queries';
import type { Ledgers } from '../ledger/filter';
import { usePages } from '../ledger/usePages';
import { useTitle } from '../ledger/words';
import { Again } from '../resend/Again';
import { Resend } from '../resend/Resend';
import { Attempts } from './Attempts';
import { Content, Seen } from './Content';
import { Recall } from './Recall';
import { Recipients, useStateFilter } from './Recipients';

/** A message as the page has it. */
export type OpenMessage = NonNullable<Answered['message']>;

/** So many recipients are asked for at once: each comes with the reasons of its state. */
const MOST = 200;

/** Asked for again at most this often, in ms, while DingTalk tells of one receiver after the other. */
const PAUSE = 700;

/** `/messages/:id`, `/attempts`, `/content`: what became of one message. */
export function MessagePane({ id, ledgers }: { id: string; ledgers: Ledgers }) {
  const t = useText(messages);
  const directory = usePermission('directory:read');
  const contact = usePermission('directory:contact');
  const [state] = useStateFilter();
  const pages = usePages(50, `${id} ${state}`, MOST);
  const variables = {
    id,
    first: pages.first,
    after: pages.after,
    states: state === null ? null : [state],
    directory,
    contact,
  };
  const asked = useAsk(MessageQuery, { variables, keep: true });

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const seen = useRef<string | null>(null);
  useLive(MessageUpdates, {
    variables: () => ({ id }),
    restart: id,
    pause: !asked.data?.message,
    onData: ({ messageUpdates: { updatedAt } }) => {
      // The first one says how it stands; that was read a moment ago.
      const known = seen.current ?? asked.data?.message?.updatedAt;
      seen.current = updatedAt;
      if (known === updatedAt || timer.current !== undefined) return;
      timer.current = setTimeout(() => {
        timer.current = undefined;
        asked.again();
      }, PAUSE);
    },
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const heading = useRef<HTMLHeadingElement>(null);
  const alone = useMedia('(max-width: 1023px)');
  const there = asked.data?.message != null;
  useEffect(() => {
    // Where the list made room for the message, the focus goes along.
    if (alone && there) heading.current?.focus({ preventScroll: true });
  }, [alone, there]);

  return (
    <>
      <section className="ledger-message" aria-label={t('message')}>
        <p className="ledger-back">
          <LinkButton kind="quiet" icon="left" href={ledgers.href('/messages')}>
            {t('back')}
          </LinkButton>
        </p>
        <Answer asked={asked} what={t('message.failed')} lines={8}>
          {({ message }) =>
            message ? (
              <Message message={message} ledgers={ledgers} pages={pages} refreshing={asked.refreshing} again={asked.again} heading={heading} />
            ) : (
              <Panel title={t('message.none')} action={<LinkButton href={ledgers.href('/messages')}>{t('message.none.button')}</LinkButton>}>
                {t('message.none.text')}
              </Panel>
            )
          }
        </Answer>
      </section>
      <section className="ledger-seen" aria-label={t('seen')} tabIndex={0}>
        {asked.data?.message && <Seen message={asked.data.message} />}
      </section>
    </>
  );
}

function Message({
  message,
  ledgers,
  pages,
  refreshing,
  again,
  heading,
}: {
  message: OpenMessage;
  ledgers: Ledgers;
  pages: ReturnType<typeof usePages>;
  refreshing: boolean;
  again: () => void;
  heading: React.RefObject<HTMLHeadingElement | null>;
}) {
  const t = useText(messages);
  const title = useTitle(message);
  const counts = message.recipientCounts ?? [];
  const people = counts.reduce((sum, { count }) => sum + count, 0);
  const path = `/messages/${message.id}`;
  const [atAttempts] = useRoute('/messages/:id/attempts');
  const [atContent] = useRoute('/messages/:id/content');
  return (
    <>
      <div className="pad col gap12 message-head">
        <div className="row top wrap">
          <div className="grow">
            <h2 ref={heading} tabIndex={-1} className="message-title">
              {title}
            </h2>
            <p className="small t3">
              <span translate="no">{message.caller}</span>
              <Sep />
              {t(`type.${message.msgType}`)}
              <Sep />
              <RelativeTime at={message.createdAt} as="moment" />
            </p>
          </div>
          <span className="row wrap">
            <Resend message={message} />
            <Recall message={message} again={again} />
          </span>
        </div>
        <StateBar name={t('recipients')} counts={counts} />
        <Legend counts={counts} />
        <Standing message={message} />
        <Again message={message} />
      </div>
      <Tabs
        name={t('message')}
        tabs={[
          { href: ledgers.href(path), text: t('tab.recipients'), count: people },
          { href: ledgers.href(`${path}/attempts`), text: t('tab.attempts'), count: message.attempts?.totalCount },
          { href: ledgers.href(`${path}/content`), text: t('tab.content') },
        ]}
      />
      {atAttempts ? (
        <Attempts message={message} />
      ) : atContent ? (
        <Content message={message} />
      ) : (
        <Recipients message={message} pages={pages} refreshing={refreshing} />
      )}
    </>
  );
}

/** 已到 30（已读 21）, 途中 2. */
function Legend({ counts }: { counts: readonly { state: string; count: number }[] }) {
  const t = useText(messages);
  const ui = useText(components);
  const { number } = useFormats();
  const read = counts.find(({ state }) => state === 'READ')?.count ?? 0;
  return (
    <p className="ledger-legend small">
      {countsByGroup(counts)
        .filter(([, count]) => count > 0)
        .map(([group, count]) => (
          <span key={group} className={RECIPIENT_GROUPS[group]}>
            {ui(`group.${group}`)} <b className="num">{number(count)}</b>
            {group === 'arrived' && read > 0 && t('legend.read', { count: read })}
          </span>
        ))}
    </p>
  );
}

/** What about the message as a whole isn't as usual: how it was taken in, that it is held, that it was taken back. */
function Standing({ message }: { message: OpenMessage }) {
  const t = useText(messages);
  const formats = useFormats();
  const { deliveryMode: mode, recalledAt, recalledBy } = message;
  const waits = message.recipientCounts?.some(({ state }) => state === 'QUEUED') ?? false;
  return (
    <>
      {mode !== 'ON' && (
        <Note tone="warn" icon={mode === 'SHADOW' ? 'eye' : 'warning'}>
          {t(`standing.${mode}`)} <Link href="/settings#deliveryMode">{t('standing.settings')}</Link>
        </Note>
      )}
      {message.isHeld && <Note tone="warn">{t('standing.held')}</Note>}
      {recalledAt && (
        <Note tone="idle" icon="undo">
          {t.rich('standing.recalled', {
            by: <span translate="no">{recalledBy ?? ''}</span>,
            when: formats.moment(new Date(recalledAt)),
          })}
        </Note>
      )}
      {waits && message.expiresAt && (
        <p className="small t2">{t('standing.expires', { when: formats.moment(new Date(message.expiresAt)) })}</p>
      )}
    </>
  );
}
