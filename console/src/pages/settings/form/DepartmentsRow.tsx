import { lazy, Suspense, useMemo, useState } from 'react';
import { usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Pill } from '../../../ui/Pill';
import { messages } from '../messages';
import { SelectionPreview } from '../selection/SelectionPreview';
import { useNamed, type NamedDepartment } from '../selection/useNamed';
import { useRow } from '../useForm';
import { Changed } from './Changed';
import { Mistakes } from './Mistakes';
import { Row, useRowIds } from './Row';

const SelectionDialog = lazy(() => import('../selection/SelectionDialog'));

/** So many departments are shown by name. */
const SHOWN = 8;

/** Which departments are mirrored, and who would fall out by a change of it. */
export function DepartmentsRow() {
  const t = useText(messages);
  const ids = useRowIds('departments');
  const { value, set, undo, changed, mistakes, readOnly } = useRow('departments');
  const [open, setOpen] = useState(false);
  const mayRead = usePermission('directory:read');
  const named = useNamed(useMemo(() => [...value.include, ...value.exclude], [value]));

  return (
    <Row field="departments" ids={ids} group>
      <div className="row wrap departments">
        {value.include.length === 0 ? (
          <Pill tone="idle">{t('departments.all')}</Pill>
        ) : (
          <Names how="include" deptIds={value.include} byId={named.byId} />
        )}
        <Names how="exclude" deptIds={value.exclude} byId={named.byId} />
        {!readOnly && mayRead && (
          <Button kind="quiet" small id={ids.control} aria-haspopup="dialog" onClick={() => setOpen(true)}>
            {t('departments.choose')}
          </Button>
        )}
        {changed && <Changed field="departments" onUndo={undo} />}
      </div>
      {!mayRead && <p className="small t2">{t('selection.locked')}</p>}
      {changed && mayRead && <SelectionPreview selection={value} />}
      <Mistakes id={ids.mistakes} mistakes={mistakes} value="" />
      {open && (
        <Suspense>
          <SelectionDialog selection={value} onTake={set} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </Row>
  );
}

function Names({ how, deptIds, byId }: {
  how: 'include' | 'exclude';
  deptIds: readonly string[];
  byId: ReadonlyMap<string, NamedDepartment>;
}) {
  const t = useText(messages);
  if (deptIds.length === 0) return null;
  return (
    <>
      {deptIds.slice(0, SHOWN).map((id) => {
        const department = byId.get(id);
        return (
          <Pill key={id} tone="idle">
            {t.rich(`departments.${how}`, {
              name: <span translate="no">{department?.name ?? id}</span>,
              count: department?.totalMemberCount ?? -1,
            })}
          </Pill>
        );
      })}
      {deptIds.length > SHOWN && (
        <span className="small t2">{t('departments.more', { count: deptIds.length - SHOWN })}</span>
      )}
    </>
  );
}
