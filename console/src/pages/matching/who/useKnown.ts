import { useCallback } from 'react';
import { useClient } from 'urql';
import { usePermission } from '../../../data';
import type { ConfluenceIdentityInput, KnownKeysQueryVariables, ResolutionStatus } from '../../../generated/graphql';
import { STATUS_ORDER } from '../parts/StatusPill';
import { KnownKeysQuery } from './queries';

const KEYS = ['accountId', 'userKey', 'username', 'email'] as const;
const AT_ONCE = 500;
/** Whoever was just asked for is known within seconds. */
const TRIES = 3;
const PAUSE = 1_000;

type Keys = { [Key in (typeof KEYS)[number]]?: string | null };

/** A known Confluence user: their id, and what they come to by the method in force. */
interface Found {
  id: string;
  status: ResolutionStatus;
}

/** Finds the known Confluence user whom somebody asked for; null where the server doesn't know them. */
export function useKnown(): (identity: ConfluenceIdentityInput) => Promise<Found | null> {
  const client = useClient();
  const contact = usePermission('directory:contact');

  return useCallback(
    async (identity) => {
      const wanted = surestKey(identity);
      if (wanted === null) return null;

      const look = async (): Promise<Found | null> => {
        let after: string | null = null;
        do {
          const variables: KnownKeysQueryVariables = { statuses: STATUS_ORDER, contact, first: AT_ONCE, after };
          const { data } = await client.query(KnownKeysQuery, variables, { requestPolicy: 'network-only' }).toPromise();
          const list: Page | null | undefined = data?.matchingCensus?.identities;
          const found = list?.nodes.find((node) => surestKey(node.identity) === wanted);
          if (found) return { id: found.id, status: found.status };
          after = list?.pageInfo.hasNextPage ? (list.pageInfo.endCursor ?? null) : null;
        } while (after !== null);
        return null;
      };

      for (let left = TRIES; ; left -= 1) {
        const found = await look();
        if (found || left === 1) return found;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    },
    [client, contact],
  );
}

interface Page {
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
  nodes: readonly (Found & { identity: Keys })[];
}

/** What the server tells a Confluence user apart by: ids exactly, names without case. */
function surestKey(identity: Keys): string | null {
  const key = KEYS.find((each) => identity[each]?.trim());
  if (key === undefined) return null;
  const value = (identity[key] ?? '').trim();
  const isName = key === 'username' || key === 'email';
  return `${key}:${isName ? value.normalize('NFKC').toLowerCase() : value}`;
}
