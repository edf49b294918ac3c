import { useEffect, useSyncExternalStore } from 'react';
import { currentLanguage, useLanguage } from '../i18n';

/** Sentences and words by their key. */
export type Sentences = Readonly<Record<string, string>>;

let loaded: Sentences | undefined;
let loading = false;
const listeners = new Set<() => void>();

/** Loads the Chinese sentences, if they are to be read. English ones come from the server. */
export function loadSentences(): void {
  if (loaded || loading || currentLanguage() !== 'zh') return;
  loading = true;
  import('./messages.zh').then(
    (file) => {
      loaded = file.default;
      for (const each of listeners) each();
    },
    // They are asked for again with the next sentence; until then it is English.
    () => (loading = false),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The sentences in the reader's language; undefined where the server's own are to be shown. Nothing waits for them: a page
 * that did would be gone for a moment, and what is in them is said in English until they are there.
 */
export function useSentences(): Sentences | undefined {
  const language = useLanguage();
  const sentences = useSyncExternalStore(subscribe, () => loaded);
  useEffect(() => loadSentences(), [language]);
  return language === 'zh' ? sentences : undefined;
}
