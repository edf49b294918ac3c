import { useRef, useState, type KeyboardEvent } from 'react';
import type { PickableFragment } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/classes';
import { Icon } from '../../../ui/Icon';
import { RecordPill } from '../../../ui/RecordPill';
import { messages } from '../messages';
import { isMixed, isPicked, type Picking } from './picking';
import type { Levels } from './useLevels';

interface Line {
  node: PickableFragment | null;
  /** Of a line that asks for more: what it is below. */
  below: string;
  level: number;
  at: number;
  of: number;
}

/** Departments with a check box each: ↑ ↓ move, ← → close and open, Space picks. */
export function Tree({ levels: { tops, levels, load }, picking, onToggle, name }: {
  levels: Levels;
  picking: Picking;
  onToggle: (deptId: string) => void;
  name: string;
}) {
  const t = useText(messages);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(tops?.map(({ deptId }) => deptId)));
  const [current, setCurrent] = useState<string>(tops?.[0]?.deptId ?? '');
  const tree = useRef<HTMLDivElement>(null);
  const lines = linesOf(tops ?? [], levels, open);

  const turn = (deptId: string, to: boolean) => {
    const next = new Set(open);
    if (to) {
      next.add(deptId);
      load(deptId);
    } else next.delete(deptId);
    setOpen(next);
  };
  const go = (line: Line | undefined) => {
    if (!line) return;
    const id = keyOf(line);
    setCurrent(id);
    tree.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(id)}"]`)?.focus();
  };
  const press = (line: Line) => (line.node ? onToggle(line.node.deptId) : load(line.below));

  const onKeyDown = (event: KeyboardEvent) => {
    const at = lines.findIndex((line) => keyOf(line) === current);
    const line = lines[at];
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOpen = line.node !== null && open.has(line.node.deptId);
    switch (event.key) {
      case 'ArrowDown':
        go(lines[at + 1]);
        break;
      case 'ArrowUp':
        go(lines[at - 1]);
        break;
      case 'Home':
        go(lines[0]);
        break;
      case 'End':
        go(lines.at(-1));
        break;
      case 'ArrowRight':
        if (line.node && line.node.childCount > 0 && !isOpen) turn(line.node.deptId, true);
        else if (isOpen) go(lines[at + 1]);
        break;
      case 'ArrowLeft':
        if (isOpen && line.node) turn(line.node.deptId, false);
        else go(lines.slice(0, at).reverse().find((each) => each.level < line.level));
        break;
      case ' ':
      case 'Enter':
        press(line);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={tree} role="tree" aria-label={name} aria-multiselectable="true" className="selection-tree" onKeyDown={onKeyDown}>
      {lines.map((line) => {
        const key = keyOf(line);
        const { node } = line;
        const isOpen = node !== null && open.has(node.deptId);
        const mixed = node !== null && isMixed(picking, node.deptId);
        const picked = node !== null && isPicked(picking, node.deptId);
        return (
          <div
            key={key}
            data-key={key}
            role="treeitem"
            aria-level={line.level}
            aria-posinset={line.at}
            aria-setsize={line.of}
            aria-expanded={node && node.childCount > 0 ? isOpen : undefined}
            aria-checked={node ? (mixed ? 'mixed' : picked) : undefined}
            tabIndex={key === current ? 0 : -1}
            className="selection-line"
            style={{ paddingInlineStart: `${(line.level - 1) * 20 + 4}px` }}
            onClick={() => {
              setCurrent(key);
              press(line);
            }}
          >
            {node === null ? (
              <span className="selection-more">{t('selection.more', { count: line.of - line.at + 1 })}</span>
            ) : (
              <>
                <span
                  className="selection-twisty"
                  aria-hidden="true"
                  onClick={(event) => {
                    if (node.childCount === 0) return;
                    event.stopPropagation();
                    setCurrent(key);
                    turn(node.deptId, !isOpen);
                  }}
                >
                  {node.childCount > 0 && <Icon name={isOpen ? 'down' : 'right'} />}
                </span>
                <span className={classes('selection-box', mixed ? 'mixed' : picked && 'on')} aria-hidden="true">
                  {mixed ? <Icon name="minus" size={12} /> : picked && <Icon name="check" size={12} />}
                </span>
                <span className={classes('clip', !picked && !mixed && 't3')} translate="no">
                  {node.name}
                </span>
                <RecordPill state={node.state} unlessActive />
                <span className="grow" />
                <span className="small t3 num nowrap">{t('selection.count', { count: node.totalMemberCount })}</span>
              </>
            )}
          </div>
        );
      })}
    </div>
  );
}

function keyOf({ node, below }: Line): string {
  return node ? node.deptId : `more-${below}`;
}

/** The lines that are open, from the top. */
function linesOf(tops: readonly PickableFragment[], levels: Levels['levels'], open: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  const put = (nodes: readonly PickableFragment[], level: number, below: string, total: number) => {
    nodes.forEach((node, index) => {
      lines.push({ node, below, level, at: index + 1, of: total });
      const under = levels.get(node.deptId);
      if (open.has(node.deptId) && under) put(under.nodes, level + 1, node.deptId, under.total);
    });
    if (nodes.length < total && !levels.get(below)?.loading) {
      lines.push({ node: null, below, level, at: nodes.length + 1, of: total });
    }
  };
  put(tops, 1, '', tops.length);
  return lines;
}
