import './selection.css';
import { useMemo, useState } from 'react';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { Loading } from '../../../ui/Loading';
import { Panel } from '../../../ui/Panel';
import { messages } from '../messages';
import type { Selection } from '../values';
import { pickingOf, selectionOf, toggled, type Picking } from './picking';
import { SelectionPreview } from './SelectionPreview';
import { Tree } from './Tree';
import { useLevels } from './useLevels';
import { useNamed } from './useNamed';

/** Picks the departments that are mirrored, with who would fall out beside it. It changes the form alone. */
export default function SelectionDialog({ selection, onTake, onClose }: {
  selection: Selection;
  onTake: (selection: Selection) => void;
  onClose: () => void;
}) {
  const t = useText(messages);
  const levels = useLevels();
  const { byId, known } = useNamed(useMemo(() => [...selection.include, ...selection.exclude], [selection]));
  const [marks, setMarks] = useState<Picking['marks'] | null>(null);

  const picking = useMemo((): Picking | null => {
    if (levels.tops === null || !known) return null;
    const paths = new Map(levels.paths);
    for (const { deptId, ancestors } of byId.values()) {
      if (!paths.has(deptId)) paths.set(deptId, ancestors.map((each) => each.deptId));
    }
    const tops = levels.tops.map(({ deptId }) => deptId);
    return marks ? { tops, marks, paths } : pickingOf(selection, tops, paths);
  }, [levels.tops, levels.paths, byId, known, marks, selection]);

  const picked = useMemo(() => (picking && marks ? selectionOf(picking) : selection), [picking, marks, selection]);
  return (
    <Dialog
      title={t('selection.title')}
      open
      onClose={onClose}
      footer={
        <>
          <Button
            kind="primary"
            onClick={() => {
              onTake(picked);
              onClose();
            }}
          >
            {t('selection.take')}
          </Button>
          <Button onClick={onClose}>{t('selection.cancel')}</Button>
          <span className="small t3">{t('selection.notYet')}</span>
        </>
      }
    >
      <div className="col gap12">
        <p className="small t2">{t('selection.how')}</p>
        {levels.failed ? (
          <Panel
            icon="warning"
            tone="bad"
            title={t('selection.treeFailed')}
            action={<Button onClick={levels.again}>{t('selection.again')}</Button>}
          />
        ) : picking === null ? (
          <Loading lines={8} />
        ) : (
          <Tree
            levels={levels}
            picking={picking}
            name={t('selection.title')}
            onToggle={(deptId) => setMarks(toggled(picking, deptId).marks)}
          />
        )}
        <SelectionPreview selection={picked} />
      </div>
    </Dialog>
  );
}
