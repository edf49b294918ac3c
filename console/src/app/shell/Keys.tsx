import { lazy, Suspense, useEffect } from 'react';
import { useLocation } from 'wouter';
import { PAGES } from '../pages';
import { closeKeys, openKeys, singleKeys, useKeysOpen } from './keyboard';

const KeysDialog = lazy(() => import('./KeysDialog'));

/** Milliseconds between `g` and the page's letter. */
const CHORD = 1_500;

/** `/` search, `g` and a letter for a page, `?` the list of these. */
export function Keys() {
  const [, go] = useLocation();
  const open = useKeysOpen();

  useEffect(() => {
    let chordUntil = 0;
    const press = (event: KeyboardEvent) => {
      if (!singleKeys() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;

      if (Date.now() < chordUntil) {
        chordUntil = 0;
        const page = PAGES.find(({ letter }) => letter === event.key);
        if (page === undefined) return;
        event.preventDefault();
        go(`/${page.name}`);
      } else if (event.key === 'g') {
        chordUntil = Date.now() + CHORD;
      } else if (event.key === '/') {
        event.preventDefault();
        dispatchEvent(new Event('dingmirror:search'));
      } else if (event.key === '?') {
        event.preventDefault();
        openKeys();
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [go]);

  return open ? (
    <Suspense>
      <KeysDialog onClose={closeKeys} />
    </Suspense>
  ) : null;
}

/** A letter belongs to the field in which it is typed, and to a tree or list that finds rows by it. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role=tree], [role=menu]') !== null)
  );
}
