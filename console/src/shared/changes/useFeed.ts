import { useEffect, useMemo, useRef, useState } from 'react';
import { useAsk, useLive, usePermission, type Asked } from '../../data';
import type { ChangeFilter, ChangesQuery as Data } from '../../generated/graphql';
import type { ChangeFacts } from './ids';
import { ChangesQuery, DirectoryChangesSubscription } from './queries';

/** So far from the top the reader is reading, and nothing moves what they read. */
const TOP = 40;

/** The newest page of the feed, what came since, and what waits for the reader to come back to the top. */
export interface Feed {
  asked: Asked<Data>;
  /** Came while the reader was at the top; newest first. */
  entered: ChangeFacts[];
  /** How many came while they read further down. */
  waiting: number;
  /** Lets those that wait enter. */
  enter: () => void;
  /** Whether changes come by themselves. */
  live: boolean;
}

/** As many as a page of the feed has. */
export const FEED_PAGE = 50;

/** Follows the feed behind its newest entry. */
export function useFeed(filter: ChangeFilter, count = FEED_PAGE): Feed {
  const identities = usePermission('identity:read');
  const mayRead = usePermission('directory:read');
  const asked = useAsk(ChangesQuery, {
    variables: { first: count, after: null, filter, identities },
    policy: 'network-only',
    keep: true,
    pause: !mayRead,
  });
  const [came, setCame] = useState<{ entered: ChangeFacts[]; waiting: ChangeFacts[] }>({ entered: [], waiting: [] });
  const restart = JSON.stringify(filter);

  // Another filter begins anew.
  useEffect(() => setCame({ entered: [], waiting: [] }), [restart]);

  const first = asked.data?.changes?.nodes;
  const newest = useRef<string | undefined>(undefined);
  newest.current = came.waiting[0]?.cursor ?? came.entered[0]?.cursor ?? first?.[0]?.cursor;

  const live = useLive(DirectoryChangesSubscription, {
    variables: () => ({ after: newest.current, filter, identities }),
    pause: first === undefined || asked.refreshing,
    restart,
    onData: ({ directoryChanges: change }) => {
      newest.current = change.cursor;
      setCame(({ entered, waiting }) =>
        window.scrollY < TOP && waiting.length === 0
          ? { entered: [change, ...entered], waiting }
          : { entered, waiting: [change, ...waiting] },
      );
    },
  });

  const enter = () => setCame(({ entered, waiting }) => ({ entered: [...waiting, ...entered], waiting: [] }));

  // Who comes back to the top by themselves needs no button.
  useEffect(() => {
    const look = () => {
      if (window.scrollY < TOP) setCame((now) => (now.waiting.length === 0 ? now : { entered: [...now.waiting, ...now.entered], waiting: [] }));
    };
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);

  // The newest page is asked again when the server was away; it then has what came before.
  const entered = useMemo(() => {
    const known = new Set(first?.map(({ cursor }) => cursor));
    return came.entered.filter(({ cursor }) => cursor && !known.has(cursor));
  }, [came.entered, first]);
  return { asked, entered, waiting: came.waiting.length, enter, live };
}
