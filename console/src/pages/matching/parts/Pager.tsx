import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { messages } from '../messages';

/** A page of a connection, as its arguments. */
export interface Page {
  first?: number;
  last?: number;
  after?: string;
  before?: string;
}

interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor?: string | null;
  endCursor?: string | null;
}

/** The page that the address names: `?after=…` or `?before=…`, otherwise the first one. */
export function usePage(size: number): Page {
  const [search] = useSearchParams();
  const after = search.get('after');
  const before = search.get('before');
  return useMemo(
    () => (before ? { last: size, before } : { first: size, after: after ?? undefined }),
    [after, before, size],
  );
}

/** On to the next page and back; nothing where one page has all. */
export function Pager({ info, total }: { info: PageInfo; total?: number | null }) {
  const t = useText(messages);
  const [, setSearch] = useSearchParams();
  if (!info.hasNextPage && !info.hasPreviousPage) return null;

  const go = (name: 'after' | 'before', cursor: string | null | undefined) =>
    setSearch((search) => {
      for (const each of ['after', 'before', 'id']) search.delete(each);
      if (cursor) search.set(name, cursor);
      return search;
    });
  return (
    <div className="row wrap matching-pager">
      {info.hasPreviousPage && (
        <Button small icon="left" onClick={() => go('before', info.startCursor)}>
          {t('page.previous')}
        </Button>
      )}
      {info.hasNextPage && (
        <Button small onClick={() => go('after', info.endCursor)}>
          {t('page.next')}
        </Button>
      )}
      {total != null && <span className="small t3 num">{t('page.total', { count: total })}</span>}
    </div>
  );
}
