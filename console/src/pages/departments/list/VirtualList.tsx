import './list.css';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from 'react';
import { classes } from '../../../ui/classes';
import { rangeWith } from '../../../ui/rangeWith';
import { useFewAtOnce } from '../../../ui/useFewAtOnce';
import { useMedia } from '../../../ui/useMedia';
import { recallOffset, rememberOffset } from './scrollMemory';

/** A row of a list: something that can be chosen, or a heading between them. */
export interface ListRow {
  key: string;
  /** `heading` can't be chosen; `more` brings further rows. */
  kind: 'heading' | 'item' | 'more';
}

/** What others need to know of a list. */
export interface ListHandle {
  /** It stands at its beginning. */
  isAtTop: () => boolean;
}

const HEIGHTS = { heading: 36, item: 58, more: 44 } as const;
const TOUCH_HEIGHTS = { heading: 36, item: 64, more: 48 } as const;
/** Beyond those in sight; each takes its time when results come. */
const OVERSCAN = 3;
/** So many new rows are made in a frame; they have much to say. */
const AT_ONCE = 5;
/** So many rows before the end the next page is asked for. */
const AHEAD = 15;

/**
 * A list of options of which only those in sight are rendered. It belongs to the field above it, which keeps the focus and
 * moves the active row; it takes the focus itself, too.
 */
export const VirtualList = memo(function VirtualList({
  ref,
  id,
  memory,
  name,
  rows,
  render,
  chosen,
  active,
  onChoose,
  onKeyDown,
  onEnd,
}: {
  ref?: Ref<ListHandle>;
  id: string;
  /** Which list it is, to come back to where it stood. */
  memory: string;
  name: string;
  rows: readonly ListRow[];
  render: (index: number) => ReactNode;
  /** Key of the row that is open on a card. */
  chosen: string | null;
  /** Index of the active row; -1: none. */
  active: number;
  onChoose: (row: ListRow, control: boolean) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  /** The end comes near. */
  onEnd?: () => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const heights = useMedia('(max-width: 767px)') ? TOUCH_HEIGHTS : HEIGHTS;
  const [begun] = useState(() => recallOffset(memory));
  const virtual = useVirtualizer({
    initialOffset: begun,
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => heights[rows[index]?.kind ?? 'item'],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN,
    useFlushSync: false,
    rangeExtractor: (range) => rangeWith(range, active),
  });
  // Where headings stand changes with the results.
  const { shape, positions, options } = useMemo(() => shapeOf(rows), [rows]);
  useEffect(() => virtual.measure(), [virtual, heights, shape]);
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active);
  }, [virtual, active]);

  useLayoutEffect(() => () => rememberOffset(memory, virtual.scrollOffset ?? 0), [virtual, memory]);

  useImperativeHandle(ref, () => ({ isAtTop: () => (box.current?.scrollTop ?? 0) < 8 }), []);

  const items = useFewAtOnce(virtual.getVirtualItems(), AT_ONCE);
  const atEnd = rows.length > 0 && (items.at(-1)?.index ?? 0) >= rows.length - AHEAD;
  useEffect(() => {
    if (atEnd) onEnd?.();
  }, [atEnd, rows.length, onEnd]);

  return (
    <div
      ref={box}
      id={id}
      className="list"
      role="listbox"
      aria-label={name}
      tabIndex={0}
      aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className="list-space" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const style = { top: start };
          if (row.kind === 'heading') {
            return (
              <div key={row.key} role="presentation" className="list-heading small t3" style={style}>
                {render(index)}
              </div>
            );
          }
          return (
            <div
              key={row.key}
              id={`${id}-${index}`}
              role="option"
              aria-selected={row.key === chosen}
              aria-setsize={options}
              aria-posinset={positions[index]}
              className={classes(
                'list-row',
                row.kind === 'more' && 'list-more',
                row.key === chosen && 'chosen',
                index === active && 'active',
              )}
              style={style}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={(event) => onChoose(row, event.ctrlKey || event.metaKey)}
            >
              {render(index)}
            </div>
          );
        })}
      </div>
    </div>
  );
});

/** The place of each row among the options, how many there are, and where it is interrupted. */
function shapeOf(rows: readonly ListRow[]): { shape: string; positions: number[]; options: number } {
  let options = 0;
  const positions = rows.map(({ kind }) => (kind === 'heading' ? options : (options += 1)));
  const shape = rows.flatMap(({ kind }, index) => (kind === 'item' ? [] : [`${index}${kind}`])).join();
  return { shape, positions, options };
}
