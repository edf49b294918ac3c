import { useSyncExternalStore } from 'react';

/** Light or dark, as chosen here, and otherwise as the system has it. */
export type Theme = 'light' | 'dark';

const KEY = 'dingmirror:theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function current(): Theme {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return system.matches ? 'dark' : 'light';
}

/** Puts the theme on the page, and follows the system where nothing was chosen. */
export function applyTheme(): void {
  const apply = () => {
    document.documentElement.dataset.theme = current();
    for (const listener of listeners) listener();
  };
  apply();
  system.addEventListener('change', apply);
}

/** Chooses a theme, for this browser's next visits, too. */
export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

/** The theme as React state. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}
