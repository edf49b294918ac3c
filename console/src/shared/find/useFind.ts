import { useAsk, usePermission, type Asked } from '../../data';
import type { SearchKind, SuggestionsQuery } from '../../generated/graphql';
import { useDebounced } from '../../ui/useDebounced';
import { FindQuery } from './queries';

/** Somebody, or a department, that was found. */
export type Hit = NonNullable<SuggestionsQuery['search']>['nodes'][number];

/** The server takes no longer one. */
const LONGEST = 64;

/**
 * What is found by a text while somebody types; nothing for who may not read the directory. Former hits stay until there are
 * others.
 */
export function useFind(
  text: string,
  { kinds, pause = false }: { kinds?: SearchKind[]; pause?: boolean } = {},
): {
  asked: Asked<SuggestionsQuery>;
  /** The text that was asked for last. */
  query: string;
  hits: readonly Hit[];
  /** The hits are those of the text. */
  answered: boolean;
} {
  const mayRead = usePermission('directory:read');
  const typed = text.trim().slice(0, LONGEST);
  const query = useDebounced(typed, 90);
  const nothing = query === '' || pause || !mayRead;
  const asked = useAsk(FindQuery, { variables: { query, kinds }, pause: nothing, policy: 'cache-first', keep: true });
  return {
    asked,
    query,
    hits: nothing ? [] : (asked.data?.search?.nodes ?? []),
    answered: !nothing && query === typed && !asked.loading && !asked.refreshing,
  };
}
