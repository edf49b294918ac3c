import { useEffect, useState } from 'react';
import { EMPTY_CONTENT, EMPTY_DRAFT, type Draft } from './draft';

const KEY = 'dingmirror:draft';

/** The draft of this tab: it outlives a reload and a look at another page, and goes with the tab. */
export function useDraft(): [Draft, (change: Partial<Draft>) => void, () => void] {
  const [draft, setDraft] = useState(read);
  useEffect(() => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(draft));
    } catch {
      // Where the browser keeps nothing, the draft is as good as before until the page is left.
    }
  }, [draft]);
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const clear = () => {
    // The page may be left in the same moment, and nothing be kept any more.
    sessionStorage.removeItem(KEY);
    setDraft(EMPTY_DRAFT);
  };
  return [draft, change, clear];
}

function read(): Draft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Draft>;
    return { ...EMPTY_DRAFT, ...kept, content: { ...EMPTY_CONTENT, ...kept.content } };
  } catch {
    return EMPTY_DRAFT;
  }
}
