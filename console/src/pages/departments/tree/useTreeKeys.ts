import { useRef, type KeyboardEvent } from 'react';
import { useAsker } from '../asking';
import { TreeTypedQuery } from '../queries';
import { indexOfRow, type DepartmentTree, type Row } from './DepartmentTree';
import { beginsWith } from './initials';

/** Milliseconds after which a letter begins anew. */
const PATIENCE = 900;

/** The keys of a tree by the ARIA pattern, with an active row: arrows, Home, End, pages, `*`, Enter, and what is typed. */
export function useTreeKeys({
  tree,
  rows,
  active,
  setActive,
  choose,
  page,
}: {
  tree: DepartmentTree;
  rows: readonly Row[];
  active: string | null;
  setActive: (key: string) => void;
  choose: (key: string) => void;
  /** Rows in sight. */
  page: () => number;
}): (event: KeyboardEvent) => void {
  const ask = useAsker();
  const typed = useRef({ text: '', at: 0, call: new AbortController() });

  const at = Math.max(0, indexOfRow(rows, active));
  const goTo = (index: number) => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (!row) return;
    if (row.node === undefined) tree.need(row.parent, row.position);
    setActive(row.key);
  };
  const parentOf = (row: Row) => rows.findIndex(({ key }) => key === row.parent);

  /** The next row that begins with it, from here on and round; of those that are shown, as the pattern has it. */
  const find = (from: number, fits: (row: Row) => boolean): number => {
    for (let step = 0; step < rows.length; step += 1) {
      const index = (from + step) % rows.length;
      if (fits(rows[index] as Row)) return index;
    }
    return -1;
  };

  const type = async (letter: string) => {
    const now = Date.now();
    const last = typed.current;
    last.call.abort();
    const text = now - last.at < PATIENCE ? last.text + letter.toLowerCase() : letter.toLowerCase();
    const call = new AbortController();
    typed.current = { text, at: now, call };

    // The same letter again and again goes from one to the next.
    const same = [...text].every((each) => each === text[0]);
    const wanted = same ? (text[0] as string) : text;
    const from = same ? at + 1 : at;
    const near = find(from, ({ node }) => node !== undefined && beginsWith(node.name, wanted));
    if (near >= 0) {
      goTo(near);
      return;
    }

    // Whole syllables: the server knows how names sound.
    const answer = await ask(TreeTypedQuery, { query: text }, call.signal);
    const found = new Set(
      answer?.data?.search?.nodes.flatMap(({ item, matches }) =>
        item.__typename === 'Department' && matches.some(({ field, from: start }) => field === 'NAME' && start === 0)
          ? [item.deptId]
          : [],
      ),
    );
    const far = find(at, ({ key }) => found.has(key));
    if (far >= 0) goTo(far);
  };

  return (event) => {
    const row = rows[at];
    if (!row || event.altKey || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return;
    const done = () => {
      event.preventDefault();
      event.stopPropagation();
    };

    switch (event.key) {
      case 'ArrowDown':
        done();
        return goTo(at + 1);
      case 'ArrowUp':
        done();
        return goTo(at - 1);
      case 'Home':
        done();
        return goTo(0);
      case 'End':
        done();
        return goTo(rows.length - 1);
      case 'PageDown':
        done();
        return goTo(at + page());
      case 'PageUp':
        done();
        return goTo(at - page());
      case 'ArrowRight':
        done();
        if (row.expanded) return goTo(at + 1);
        return tree.toggle(row.key, true);
      case 'ArrowLeft':
        done();
        if (row.expanded) return tree.toggle(row.key, false);
        return row.parent === null ? undefined : goTo(parentOf(row));
      case '*':
        done();
        return tree.openSiblings(row.parent);
      case 'Enter':
      case ' ':
        done();
        return choose(row.key);
      case '/':
        done();
        dispatchEvent(new Event('dingmirror:search'));
        return;
      default:
        if ([...event.key].length !== 1) return;
        done();
        void type(event.key);
    }
  };
}
