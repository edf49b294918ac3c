import { useState, type KeyboardEvent } from 'react';
import type { ListRow } from './VirtualList';

/**
 * The keys of a field and of the list below it: ↑ ↓ move, Enter opens, Ctrl Enter shows in the tree, Esc empties the field.
 * The active row is known by its key, so that it stays where results come and go around it.
 */
export function useListKeys({
  rows,
  onChoose,
  onShow,
  onEscape,
}: {
  rows: readonly ListRow[];
  onChoose: (key: string) => void;
  /** Ctrl or ⌘ was held. */
  onShow: (key: string) => void;
  onEscape: () => boolean;
}) {
  const [key, setKey] = useState<string | null>(null);
  const active = key === null ? -1 : rows.findIndex((row) => row.key === key);

  const step = (from: number, by: 1 | -1): number => {
    for (let index = from + by; index >= 0 && index < rows.length; index += by) {
      if (rows[index]?.kind !== 'heading') return index;
    }
    return from;
  };
  const move = (to: number) => setKey(rows[to]?.key ?? null);
  const chooseAt = (index: number, control: boolean) => {
    const row = rows[index];
    if (row) choose(row, control);
  };
  const choose = (row: ListRow, control: boolean) => {
    if (row.kind === 'heading') return;
    setKey(row.key);
    if (control && row.kind === 'item') onShow(row.key);
    else onChoose(row.key);
  };

  /** `inField`: Home, End and blanks belong to what is typed. */
  const keys = (inField: boolean) => (event: KeyboardEvent) => {
    // While a syllable is put together the keys belong to the input method.
    if (event.nativeEvent.isComposing || event.altKey) return;
    const at = active < 0 ? step(-1, 1) : active;
    const done = () => event.preventDefault();
    switch (event.key) {
      case 'ArrowDown':
        done();
        return move(active < 0 ? step(-1, 1) : step(active, 1));
      case 'ArrowUp':
        done();
        return move(step(active < 0 ? rows.length : active, -1));
      case 'PageDown':
        done();
        return move(jump(at, 8));
      case 'PageUp':
        done();
        return move(jump(at, -8));
      case 'Enter':
        done();
        return chooseAt(active < 0 && inField ? step(-1, 1) : active, event.ctrlKey || event.metaKey);
      case 'Escape':
        if (key !== null) {
          done();
          setKey(null);
        } else if (onEscape()) done();
        return;
    }
    if (inField) return;
    if (event.key === 'Home') {
      done();
      move(step(-1, 1));
    } else if (event.key === 'End') {
      done();
      move(step(rows.length, -1));
    } else if (event.key === ' ') {
      done();
      chooseAt(active, false);
    }
  };

  const jump = (from: number, by: number): number => {
    const target = Math.min(Math.max(from + by, 0), rows.length - 1);
    return rows[target]?.kind === 'heading' ? step(target, 1) : target;
  };

  return {
    active,
    reset: () => setKey(null),
    choose,
    chooseFirst: (control: boolean) => chooseAt(step(-1, 1), control),
    fieldKeys: keys(true),
    listKeys: keys(false),
  };
}
