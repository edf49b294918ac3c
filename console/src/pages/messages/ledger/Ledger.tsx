import '../messages.css';
import { useRef, type KeyboardEvent } from 'react';
import { useAsk, usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Button, LinkButton } from '../../../ui/Button';
import { classes } from '../../../ui/classes';
import { Loading } from '../../../ui/Loading';
import { Needs } from '../../../ui/Needs';
import { PageHead } from '../../../ui/PageHead';
import { Panel } from '../../../ui/Panel';
import { useMedia } from '../../../ui/useMedia';
import { QuotaButton } from '../delivery/Quota';
import { SendingCard } from '../delivery/SendingCard';
import { SendingNotes } from '../delivery/SendingNotes';
import { MessagePane } from '../message/MessagePane';
import { messages } from '../messages';
import { LedgerFiguresQuery, LedgerQuery } from '../queries';
import { useLedgerFilter, type Ledgers } from './filter';
import { Filters } from './Filters';
import { LedgerRow } from './LedgerRow';
import { useLiveRows } from './useLiveRows';
import { usePages } from './usePages';

const STEP = 30;

/** `/messages` and `/messages/:id`: what became of messages. */
export function Ledger({ id }: { id: string | null }) {
  const t = useText(messages);
  const ledgers = useLedgerFilter();
  const mayRead = usePermission('message:read');
  const maySend = usePermission('message:send');
  // Where one pane fills the screen, a message has it alone.
  const alone = useMedia('(max-width: 1023px)') && id !== null;
  const figures = useAsk(LedgerFiguresQuery, {
    variables: { messages: ledgers.all, recipients: ledgers.all },
    pause: !mayRead,
    every: 30,
    keep: true,
  });

  const counts = figures.data?.recipientCounts;
  const recipients = (counts ?? []).reduce((sum, { count }) => sum + count, 0);
  const total = figures.data?.messages?.totalCount;
  const sending = figures.data?.delivery;
  const quota = figures.data?.quota;
  return (
    <>
      <PageHead
        title={t('title')}
        meta={total != null && <span className="num">{t('meta', { messages: total, recipients })}</span>}
        actions={
          !alone && (
            <>
              {sending && quota && <QuotaButton sending={sending} quota={quota} />}
              {maySend && <LinkButton href="/messages/templates">{t('templates')}</LinkButton>}
              {maySend && (
                <LinkButton kind="primary" icon="plus" href="/messages/new">
                  {t('compose')}
                </LinkButton>
              )}
            </>
          )
        }
      />
      <Needs permission="message:read" what={t('forbidden')}>
        {sending && <SendingNotes sending={sending} again={figures.again} />}
        {!alone && <Filters ledgers={ledgers} counts={counts} total={total} id={id} />}
        <div className={classes('ledger card', id !== null && 'chosen')}>
          <LedgerList ledgers={ledgers} id={id} againFigures={figures.again} anyAtAll={total !== 0} />
          {id !== null ? (
            <MessagePane key={id} id={id} ledgers={ledgers} />
          ) : (
            <section className="ledger-sending" aria-label={t('sending.title')} tabIndex={0}>
              {sending ? <SendingCard sending={sending} quota={quota} counts={counts ?? []} /> : <Loading lines={6} />}
            </section>
          )}
        </div>
      </Needs>
    </>
  );
}

function LedgerList({
  ledgers,
  id,
  againFigures,
  anyAtAll,
}: {
  ledgers: Ledgers;
  id: string | null;
  againFigures: () => void;
  anyAtAll: boolean;
}) {
  const t = useText(messages);
  const { filter, rows: which, href } = ledgers;
  const key = JSON.stringify(which);
  const pages = usePages(STEP, key);
  const alone = useMedia('(max-width: 1023px)');
  const list = useRef<HTMLDivElement>(null);
  const asked = useAsk(LedgerQuery, { variables: { first: pages.first, after: pages.after, filter: which }, keep: true });
  const page = asked.data?.messages;

  const again = () => {
    asked.again();
    againFigures();
  };
  const live = useLiveRows(page?.nodes ?? [], {
    caller: ledgers.caller,
    // In a narrow window the page scrolls, and the list isn't seen beside a message.
    atTop: () => !pages.behind && (alone ? scrollY < 80 && id === null : (list.current?.scrollTop ?? 0) < 40),
    again,
    pause: asked.data === undefined,
    key,
  });

  const toTop = () => {
    live.forget();
    pages.toFront();
    list.current?.scrollTo({ top: 0 });
    again();
  };
  return (
    <section className="ledger-list" aria-label={t('list')}>
      <h2 className="unseen">{t('list')}</h2>
      {live.waiting > 0 && (
        <button type="button" className="ledger-new" onClick={toTop}>
          <span role="status">{t('list.new', { count: live.waiting })}</span>
        </button>
      )}
      <div className="ledger-scroll" ref={list} onKeyDown={moveByArrows}>
        <Answer asked={asked} what={t('list.failed')} lines={8}>
          {() =>
            page && page.nodes.length > 0 ? (
              <>
                <ul>
                  {live.rows.map((row) => (
                    <LedgerRow
                      key={row.id}
                      row={row}
                      href={href(`/messages/${row.id}`)}
                      chosen={row.id === id}
                      fresh={live.isFresh(row)}
                      group={filter.group}
                    />
                  ))}
                </ul>
                {(page.pageInfo.hasNextPage || pages.behind) && (
                  <p className="pad row wrap">
                    {page.pageInfo.hasNextPage && (
                      <Button small busy={asked.refreshing} onClick={() => pages.more(page.pageInfo.endCursor)}>
                        {t('list.more')}
                      </Button>
                    )}
                    {pages.behind && (
                      <Button small kind="quiet" onClick={pages.toFront}>
                        {t('list.front')}
                      </Button>
                    )}
                  </p>
                )}
              </>
            ) : (
              <Nothing ledgers={ledgers} filtered={filter.group !== null && anyAtAll} />
            )
          }
        </Answer>
      </div>
    </section>
  );
}

/** No message is in the period, or none of the group. */
function Nothing({ ledgers, filtered }: { ledgers: Ledgers; filtered: boolean }) {
  const t = useText(messages);
  const { filter, href } = ledgers;
  const maySend = usePermission('message:send');
  if (filtered) {
    return (
      <Panel title={t('empty.group')} action={<LinkButton href={href('/messages', { group: null })}>{t('empty.group.button')}</LinkButton>}>
        {t('empty.group.text')}
      </Panel>
    );
  }
  if (filter.day !== 'all') {
    return (
      <Panel title={t('empty.day')} action={<LinkButton href={href('/messages', { day: 'all', group: null })}>{t('empty.day.button')}</LinkButton>}>
        {t('empty.day.text')}
      </Panel>
    );
  }
  if (filter.caller || filter.user) {
    return (
      <Panel title={t('empty.filter')} action={<LinkButton href="/messages?day=all">{t('empty.filter.button')}</LinkButton>}>
        {t('empty.filter.text')}
      </Panel>
    );
  }
  return (
    <Panel
      title={t('empty.ever')}
      action={
        maySend && (
          <LinkButton kind="primary" icon="plus" href="/messages/new">
            {t('compose')}
          </LinkButton>
        )
      }
    >
      {t('empty.ever.text')}
    </Panel>
  );
}

/** ↑ and ↓ go from row to row. */
function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('a.ledger-row')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const to = rows[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at < 0 || !to) return;
  event.preventDefault();
  to.focus();
}
