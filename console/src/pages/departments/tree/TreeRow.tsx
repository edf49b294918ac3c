import { memo } from 'react';
import { useFormats, useText } from '../../../i18n';
import { classes } from '../../../ui/classes';
import { Icon } from '../../../ui/Icon';
import { RecordPill } from '../../../ui/RecordPill';
import { messages } from '../messages';
import type { TreeNode } from './DepartmentTree';

/** What a row does when it is pressed; the same functions for all of them. */
export interface RowActions {
  choose: (key: string) => void;
  toggle: (key: string) => void;
  hover: (key: string) => void;
  leave: () => void;
}

/** A department in the tree, or a grey line where it isn't loaded yet. Only what is in sight is rendered. */
export const TreeRow = memo(function TreeRow({
  id,
  rowKey,
  node,
  level,
  position,
  siblings,
  expanded,
  failed,
  chosen,
  active,
  isHere,
  fresh,
  top,
  actions,
}: {
  id: string;
  rowKey: string;
  node: TreeNode | undefined;
  level: number;
  position: number;
  siblings: number;
  expanded: boolean;
  failed: boolean;
  chosen: boolean;
  /** The keys are here. */
  active: boolean;
  /** The open person is here, or below what is closed. */
  isHere: boolean;
  fresh: boolean;
  top: number;
  actions: RowActions;
}) {
  const t = useText(messages);
  const { number } = useFormats();
  const opens = (node?.childCount ?? 0) > 0;
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={level}
      aria-setsize={siblings}
      aria-posinset={position}
      aria-expanded={opens ? expanded : undefined}
      aria-selected={chosen}
      className={classes('tree-row', chosen && 'chosen', active && 'active', fresh && 'fresh')}
      style={{ top, paddingInlineStart: 8 + (level - 1) * 18 }}
      onPointerEnter={() => opens && !expanded && actions.hover(rowKey)}
      onPointerLeave={actions.leave}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('.tree-twisty')) actions.toggle(rowKey);
        else actions.choose(rowKey);
      }}
      onDoubleClick={() => opens && actions.toggle(rowKey)}
    >
      <span className="tree-twisty" aria-hidden="true">
        {opens && <Icon name={expanded ? 'down' : 'right'} size={14} />}
      </span>
      {node ? (
        <>
          <span className="clip" translate="no" title={node.name}>
            {node.name}
          </span>
          {isHere && (
            <span className="tree-dot">
              <span className="unseen">{t('tree.here')}</span>
            </span>
          )}
          <RecordPill state={node.state} unlessActive />
          <span className="tree-count small num" aria-hidden="true">
            {number(node.totalMemberCount)}
          </span>
          <span className="unseen">{t('people', { count: node.totalMemberCount })}</span>
        </>
      ) : (
        <span className={failed ? 'small bad' : 'small t3'}>{failed ? t('tree.failed') : t('tree.pending')}</span>
      )}
    </div>
  );
});
