import './changes.css';
import { useMemo, useState, type ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import type { ChangeFilter } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { ChangeRow, ChangesQuery, FEED_PAGE, useFeed, useNames, type ChangeFacts, type Feed } from '../../../shared/changes';
import { Answer } from '../../../ui/Answer';
import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Panel } from '../../../ui/Panel';
import { messages } from '../messages';
import { Filters } from './Filters';
import { filterOf } from './address';
import { useSpoken } from './useSpoken';

/** The change feed, newest first. What happens meanwhile enters at its top, or waits there while somebody reads below. */
export function Changes() {
  const t = useText(messages);
  const [params, setParams] = useSearchParams();
  const address = params.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(address)), [address]);
  const feed = useFeed(filter);

  return (
    <Card
      title={t('changes')}
      meta={feed.live ? t('changes.live') : t('changes.still')}
    >
      <Filters params={params} onChange={(to) => setParams(to, { replace: true })} />
      <Answer asked={feed.asked} what={t('changes.failed')} lines={8}>
        {(data) => {
          const rows = data.changes?.nodes ?? [];
          const empty = rows.length === 0 && feed.entered.length === 0;
          return (
            <>
              <Arrivals feed={feed} />
              {empty ? (
                <Panel
                  title={t(address ? 'changes.noMatch' : 'changes.none')}
                  action={address && <Button onClick={() => setParams({}, { replace: true })}>{t('filter.clear')}</Button>}
                >
                  {t(address ? 'changes.noMatch.text' : 'changes.none.text')}
                </Panel>
              ) : (
                <>
                  <Rows changes={[...feed.entered, ...rows]} fresh={feed.entered} before={null} />
                  <Older filter={filter} page={data.changes?.pageInfo} last={rows.at(-1)} />
                </>
              )}
            </>
          );
        }}
      </Answer>
    </Card>
  );
}

/** “3 条新的”: what came while somebody reads further down. */
function Arrivals({ feed }: { feed: Feed }) {
  const t = useText(messages);
  const said = useSpoken(feed.waiting + feed.entered.length);
  return (
    <>
      <p className="unseen" role="status">
        {said > 0 && t('changes.came', { count: said })}
      </p>
      {feed.waiting > 0 && (
        <div className="feed-new">
          <Button
            small
            kind="primary"
            icon="up"
            onClick={() => {
              scrollTo({ top: 0 });
              feed.enter();
            }}
          >
            {t('changes.new', { count: feed.waiting })}
          </Button>
        </div>
      )}
    </>
  );
}

/** Rows under the day that they are of. `before`: the row above them, of whose day no heading is needed. */
function Rows({
  changes,
  fresh,
  before,
}: {
  changes: readonly ChangeFacts[];
  fresh?: readonly ChangeFacts[];
  before: ChangeFacts | null;
}) {
  const names = useNames(changes);
  const { weekday } = useFormats();
  const days: { day: string; at: string; changes: ChangeFacts[] }[] = [];
  for (const change of changes) {
    const at = change.at ?? '';
    const day = new Date(at).toDateString();
    if (days.at(-1)?.day !== day) days.push({ day, at, changes: [] });
    days.at(-1)?.changes.push(change);
  }
  const above = before?.at ? new Date(before.at).toDateString() : null;
  return days.map(({ day, at, changes: its }) => (
    <section key={day} aria-label={day === above ? undefined : weekday(new Date(at))}>
      {day !== above && <h3 className="feed-day small">{weekday(new Date(at))}</h3>}
      <ul className="feed">
        {its.map((change) => (
          <ChangeRow key={change.cursor} change={change} names={names} fresh={fresh?.includes(change)} />
        ))}
      </ul>
    </section>
  ));
}

/** The pages behind the first one, each when somebody asks for it. */
function Older({
  filter,
  page,
  last,
}: {
  filter: ChangeFilter;
  page: { hasNextPage: boolean; endCursor?: string | null } | undefined;
  last: ChangeFacts | undefined;
}): ReactNode {
  const t = useText(messages);
  const [open, setOpen] = useState<string | null>(null);
  const { hasNextPage, endCursor } = page ?? {};
  if (!hasNextPage || !endCursor) return <p className="pad small t3">{t('changes.end')}</p>;
  if (open === endCursor) return <OlderPage key={endCursor} filter={filter} after={endCursor} last={last ?? null} />;
  return (
    <p className="feed-more">
      <Button kind="quiet" onClick={() => setOpen(endCursor)}>
        {t('changes.older')}
      </Button>
    </p>
  );
}

function OlderPage({ filter, after, last }: { filter: ChangeFilter; after: string; last: ChangeFacts | null }) {
  const t = useText(messages);
  const identities = usePermission('identity:read');
  const asked = useAsk(ChangesQuery, { variables: { first: FEED_PAGE, after, filter, identities } });
  return (
    <Answer asked={asked} what={t('changes.failed')} lines={8}>
      {(data) => {
        const rows = data.changes?.nodes ?? [];
        return (
          <>
            <Rows changes={rows} before={last} />
            <Older filter={filter} page={data.changes?.pageInfo} last={rows.at(-1)} />
          </>
        );
      }}
    </Answer>
  );
}
