import { useLocation, useSearch } from 'wouter';
import type { ResolutionStatus } from '../../../generated/graphql';

/** Where the known Confluence users of a status are listed. */
export const LISTS: Record<ResolutionStatus, string> = {
  MATCHED: '/matching/known?status=MATCHED',
  AMBIGUOUS: '/matching/ambiguous',
  UNMATCHED: '/matching/unmatched',
  INACTIVE: '/matching/known?status=INACTIVE',
  HELD: '/matching/known?status=HELD',
};

/** Where one of them is looked at. */
export function identityHref(status: ResolutionStatus, id: string): string {
  const list = LISTS[status];
  return `${list}${list.includes('?') ? '&' : '?'}id=${encodeURIComponent(id)}`;
}

/** This address with other parameters: `here({ id: '…', after: null })`, for links that leave the tab as it is. */
export function useHere(): (changes: Record<string, string | null>) => string {
  const [path] = useLocation();
  const search = useSearch();
  return (changes) => {
    const parameters = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) parameters.delete(name);
      else parameters.set(name, value);
    }
    const text = parameters.toString();
    return text === '' ? path : `${path}?${text}`;
  };
}
