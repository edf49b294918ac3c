import { createContext, use } from 'react';
import type { BadgesQuery, ShellQuery } from '../../generated/graphql';

/** What the shell knows; pages read it from here instead of asking again. Undefined until the first answer. */
export interface ShellData {
  shell: ShellQuery | undefined;
  badges: BadgesQuery | undefined;
  /** Asks again, say after a mutation that changes the mode or a badge. */
  again: () => void;
}

/** See `useShell`. */
export const ShellContext = createContext<ShellData>({ shell: undefined, badges: undefined, again: () => {} });

/** `const { shell } = useShell()`: verdict, freshness, delivery mode, company name. */
export function useShell(): ShellData {
  return use(ShellContext);
}
