import { useLocation, useSearch } from 'wouter';

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
