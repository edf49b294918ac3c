import { useEffect, useRef, useState } from 'react';
import { useAsk, useLive, usePermission } from '../../../data';
import type { MatchChangeRowFragment } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Button } from '../../../ui/Button';
import { Panel } from '../../../ui/Panel';
import { useMatching } from '../context';
import { messages } from '../messages';
import { Pager } from '../parts/Pager';
import { ChangeRow } from './ChangeRow';
import { MatchChangesLive, MatchChangesQuery } from './queries';
import { useFeedPage } from './useFeedPage';

/** Who became somebody else, the newest first, and more as it happens while the newest are looked at. */
export default function Changes() {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  const { refresh } = useMatching();
  const page = useFeedPage(50);
  const isNewest = page.before === undefined && page.after === undefined;
  const asked = useAsk(MatchChangesQuery, { variables: { contact, ...page }, policy: 'network-only' });
  const feed = asked.data?.matchChanges;

  const [live, setLive] = useState<MatchChangeRowFragment[]>([]);
  const [waiting, setWaiting] = useState<MatchChangeRowFragment[]>([]);
  const cursor = useRef<string | null>(null);
  const end = feed?.pageInfo.endCursor ?? null;
  useEffect(() => {
    cursor.current = end;
    setLive([]);
    setWaiting([]);
  }, [end]);

  useLive(MatchChangesLive, {
    pause: !isNewest || !feed,
    restart: end,
    variables: () => ({ after: cursor.current, contact }),
    onData: ({ matchChanges }) => {
      cursor.current = matchChanges.cursor;
      refresh();
      // A row that pushes what somebody reads is worse than one that waits.
      if (scrollY < 200) setLive((rows) => [matchChanges, ...rows]);
      else setWaiting((rows) => [matchChanges, ...rows]);
    },
  });

  return (
    <Answer asked={asked} what={t('changes.failed')} lines={6}>
      {() => {
        if (!feed) return null;
        const rows = [...live, ...[...feed.nodes].reverse()];
        if (rows.length === 0) {
          return (
            <Panel icon="clock" title={t('changes.none')}>
              {t('changes.noneText')}
            </Panel>
          );
        }
        return (
          <>
            <p className="pad small t2">{t('changes.text')}</p>
            {waiting.length > 0 && (
              <div className="pad changes-waiting">
                <Button
                  small
                  onClick={() => {
                    setLive([...waiting, ...live]);
                    setWaiting([]);
                    scrollTo({ top: 0 });
                  }}
                >
                  {t('changes.waiting', { count: waiting.length })}
                </Button>
              </div>
            )}
            <ul className="rows changes-rows" aria-label={t('changes.tab')}>
              {rows.map((row, index) => (
                <ChangeRow key={row.cursor} change={row} fresh={index < live.length} />
              ))}
            </ul>
            <p className="unseen" role="status">
              {live.length > 0 ? t('changes.arrived', { count: live.length }) : ''}
            </p>
            {/* The feed is told backwards: what comes before in it is the next page here. */}
            <Pager
              info={{
                hasNextPage: feed.pageInfo.hasPreviousPage,
                hasPreviousPage: !isNewest,
                startCursor: feed.pageInfo.endCursor,
                endCursor: feed.pageInfo.startCursor,
              }}
            />
          </>
        );
      }}
    </Answer>
  );
}
