import { useSyncExternalStore } from 'react';

/** The console's languages. */
export type Language = 'zh' | 'en';

/** What `lang` and `Intl` are told. */
export const LOCALES: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };

const KEY = 'dingmirror:language';
const listeners = new Set<() => void>();
let current = chosen() ?? preferred();

function chosen(): Language | null {
  const stored = localStorage.getItem(KEY);
  return stored === 'zh' || stored === 'en' ? stored : null;
}

/** Chinese where the browser asks for it before English. */
function preferred(): Language {
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'zh' || tag === 'en');
  return known === 'en' ? 'en' : 'zh';
}

/** The language of the page. */
export function currentLanguage(): Language {
  return current;
}

/** Changes the language, here and for this browser's next visit. */
export function setLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  current = language;
  applyLanguage();
  for (const listener of listeners) listener();
}

/** Tells the browser: fonts, quotation marks, line breaks and screen readers go by it. */
export function applyLanguage(): void {
  document.documentElement.lang = LOCALES[current];
}

/** The language as React state. */
export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentLanguage);
}
