import { Link, useLocation, useSearchParams } from 'wouter';
import { useFormats, useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { messages as components } from '../../../ui/messages';
import { isKnownState, RECIPIENT_STATES, type KnownRecipientState } from '../../../ui/recipientStates';
import { messages } from '../messages';
import type { usePages } from '../ledger/usePages';
import type { OpenMessage } from './MessagePane';
import { RecipientRow } from './RecipientRow';

/** `?state=FAILED`: the recipients in that state alone. */
export function useStateFilter(): [state: KnownRecipientState | null, href: (state: string | null) => string] {
  const [params] = useSearchParams();
  const [location] = useLocation();
  const state = params.get('state') ?? '';
  const href = (to: string | null) => {
    const next = new URLSearchParams(params);
    if (to === null) next.delete('state');
    else next.set('state', to);
    return next.size > 0 ? `${location}?${next.toString()}` : location;
  };
  return [isKnownState(state) ? state : null, href];
}

/** Whom the message went to and what became of it for each, a page of them. */
export function Recipients({
  message,
  pages,
  refreshing,
}: {
  message: OpenMessage;
  pages: ReturnType<typeof usePages>;
  refreshing: boolean;
}) {
  const t = useText(messages);
  const ui = useText(components);
  const { number } = useFormats();
  const [state, href] = useStateFilter();
  const order = Object.keys(RECIPIENT_STATES);
  const counts = [...(message.recipientCounts ?? [])].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const page = message.recipients;
  const rows = page?.nodes ?? [];
  const all = state === null ? total : (counts.find((each) => each.state === state)?.count ?? 0);
  return (
    <>
      {counts.length > 1 && (
        <div className="message-states small" role="group" aria-label={t('recipients.filter')}>
          <Link className="chip" href={href(null)} aria-current={state === null ? 'true' : undefined}>
            {t('recipients.all')} <b className="num">{number(total)}</b>
          </Link>
          {counts.map(({ state: each, count }) => (
            <Link key={each} className="chip" href={href(each)} aria-current={state === each ? 'true' : undefined}>
              {isKnownState(each) ? ui(`state.${each}`) : <span translate="no">{each}</span>} <b className="num">{number(count)}</b>
            </Link>
          ))}
        </div>
      )}
      {rows.length > 0 ? (
        <ul>
          {rows.map((row) => (
            <RecipientRow key={row.id} row={row} message={message} />
          ))}
        </ul>
      ) : (
        <p className="pad t2">{state === null ? t('recipients.none') : t('recipients.none.state')}</p>
      )}
      {(page?.pageInfo.hasNextPage || pages.behind) && (
        <p className="pad row wrap small t3">
          {page?.pageInfo.hasNextPage && (
            <Button small busy={refreshing} onClick={() => pages.more(page.pageInfo.endCursor)}>
              {t('recipients.more')}
            </Button>
          )}
          {pages.behind ? (
            <Button small kind="quiet" onClick={pages.toFront}>
              {t('list.front')}
            </Button>
          ) : (
            t('recipients.shown', { shown: rows.length, all })
          )}
        </p>
      )}
    </>
  );
}
