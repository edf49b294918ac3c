import './tree.css';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  useDeferredValue,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type Ref,
} from 'react';
import { useText } from '../../../i18n';
import { Loading } from '../../../ui/Loading';
import { Panel } from '../../../ui/Panel';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { rangeWith } from '../../../ui/rangeWith';
import { useFewAtOnce } from '../../../ui/useFewAtOnce';
import { useMedia } from '../../../ui/useMedia';
import { messages } from '../messages';
import { indexOfRow, type DepartmentTree, type Row } from './DepartmentTree';
import { TreeRow, type RowActions } from './TreeRow';
import { useTreeKeys } from './useTreeKeys';

const ROW = 34;
const TOUCH_ROW = 44;
/** Beyond those in sight; each takes its time while somebody scrolls. */
const OVERSCAN = 4;
/** So many new rows are made in a frame. */
const AT_ONCE = 12;
/** Milliseconds that a pointer rests on a row before what is below it is asked for. */
const HOVER = 80;

/** What others may do with the tree. */
export interface TreeHandle {
  /** Opens the way to a department, and brings it into sight; with `focus` the keys go there, too. */
  show: (deptId: string, focus?: boolean) => Promise<boolean>;
  /** The departments in sight. */
  inSight: () => string[];
}

/** The departments as a tree, of which only the rows in sight are rendered. */
export const Tree = memo(function Tree({
  ref,
  tree,
  chosen,
  here,
  onChoose,
  name,
}: {
  ref: Ref<TreeHandle>;
  tree: DepartmentTree;
  chosen: string | null;
  /** The departments of the open person, and those above them. */
  here: { places: ReadonlySet<string>; above: ReadonlySet<string> };
  onChoose: (deptId: string) => void;
  name: string;
}) {
  const t = useText(messages);
  const known = useSyncExternalStore(tree.subscribe, tree.rows);
  // Rows come when there is time for them: a key doesn't wait until those that it opened are rendered.
  const rows = useDeferredValue(known);
  const [active, setActive] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const height = useMedia('(max-width: 767px)') ? TOUCH_ROW : ROW;

  const activeIn = (among: readonly Row[]) => indexOfRow(among, active ?? chosen);
  // Until a row that a key opened and went to is rendered, the former one stays the active one.
  const former = useRef<string | null>(null);
  const found = activeIn(rows);
  const activeAt = Math.max(0, found >= 0 ? found : indexOfRow(rows, former.current));
  const activeKey = rows[activeAt]?.key ?? null;
  useEffect(() => {
    former.current = activeKey;
  }, [activeKey]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    useFlushSync: false,
    getItemKey: (index) => rows[index]?.key ?? index,
    // The active row stays, for a screen reader is told of it by its id.
    rangeExtractor: (range) => rangeWith(range, activeAt),
  });
  useEffect(() => virtual.measure(), [virtual, height]);

  // A row is brought into sight once it is there.
  const [wish, setWish] = useState<{ key: string; focus: boolean } | null>(null);
  const granted = useRef(wish);
  useEffect(() => {
    const index = wish === null || granted.current === wish ? -1 : indexOfRow(rows, wish.key);
    if (index < 0) return;
    granted.current = wish;
    virtual.scrollToIndex(index, { align: 'auto' });
    if (wish?.focus) box.current?.focus();
  }, [virtual, rows, wish]);
  const goTo = (key: string, focus = false) => {
    setActive(key);
    setWish({ key, focus });
  };
  const choose = (key: string) => {
    setActive(key);
    const row = known[indexOfRow(known, key)];
    // A row that was clicked by its place may be a department by now.
    if (row?.node) onChoose(row.key);
    else if (row?.problem) tree.retry(row.parent);
  };
  const onKeyDown = useTreeKeys({
    tree,
    rows: known,
    active: known[Math.max(0, activeIn(known))]?.key ?? null,
    setActive: goTo,
    choose,
    page: () => Math.max(1, Math.floor((box.current?.clientHeight ?? height) / height) - 1),
  });

  // Rows are rendered anew only for what changed about them, so what they call stays the same.
  const latest = useRef({ rows, choose });
  latest.current = { rows, choose };
  const actions = useRowActions(tree, latest, setActive);

  // What comes into sight and isn't loaded is asked for.
  const items = useFewAtOnce(virtual.getVirtualItems(), AT_ONCE);
  const pending = items.map(({ index }) => rows[index]).filter((row) => row !== undefined && row.node === undefined);
  const wanted = pending.at(-1);
  useEffect(() => {
    if (wanted) tree.need(wanted.parent, wanted.position);
  }, [tree, wanted?.key, rows]);

  useImperativeHandle(
    ref,
    () => ({
      show: async (deptId, focus) => {
        const found = indexOfRow(tree.rows(), deptId) >= 0 || (await tree.reveal(deptId));
        if (indexOfRow(tree.rows(), deptId) >= 0) goTo(deptId, focus);
        return found;
      },
      inSight: () =>
        virtual
          .getVirtualItems()
          .map(({ index }) => latest.current.rows[index]?.node?.deptId)
          .filter((deptId) => deptId !== undefined),
    }),
    [tree, virtual],
  );

  if (tree.problem) return <ProblemPanel problem={tree.problem} what={t('tree.failed.title')} again={() => tree.retry(null)} />;
  if (!tree.isReady) return <Loading lines={8} />;
  if (rows.length === 0) {
    return <Panel title={t('tree.empty')}>{t('tree.empty.text')}</Panel>;
  }
  return (
    <div
      ref={box}
      className="tree"
      role="tree"
      aria-label={name}
      tabIndex={0}
      aria-activedescendant={activeKey === null ? undefined : `${id}-${activeKey}`}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className="tree-space" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <TreeRow
              key={row.key}
              id={`${id}-${row.key}`}
              rowKey={row.key}
              node={row.node}
              level={row.level}
              position={row.position}
              siblings={row.siblings}
              expanded={row.expanded}
              failed={row.problem !== null}
              chosen={row.key === chosen}
              active={index === activeAt}
              isHere={here.places.has(row.key) || (!row.expanded && here.above.has(row.key))}
              fresh={tree.fresh.has(row.key)}
              top={start}
              actions={actions}
            />
          );
        })}
      </div>
    </div>
  );
});

function useRowActions(
  tree: DepartmentTree,
  latest: { readonly current: { choose: (key: string) => void } },
  setActive: (key: string) => void,
): RowActions {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useMemo(
    () => ({
      choose: (key) => latest.current.choose(key),
      toggle: (key) => {
        setActive(key);
        tree.toggle(key);
      },
      hover: (key) => {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => tree.prefetch(key), HOVER);
      },
      leave: () => clearTimeout(timer.current),
    }),
    [tree, latest, setActive],
  );
}
