import './selection.css';
import { useAsk, useMissing } from '../../../data';
import { useText } from '../../../i18n';
import { useSaid } from '../../../reasons/settings';
import { Note } from '../../../ui/Note';
import { useDebounced } from '../../../ui/useDebounced';
import { messages } from '../messages';
import type { Selection } from '../values';
import { SelectionPreviewQuery } from './queries';

/** What a selection would make of the mirror: who stays, and who falls out, by name. */
export function SelectionPreview({ selection }: { selection: Selection }) {
  const t = useText(messages);
  const say = useSaid();
  const missing = useMissing(['directory:read']);
  const settled = useDebounced(selection, 250);
  const asked = useAsk(SelectionPreviewQuery, {
    variables: { include: [...settled.include], exclude: [...settled.exclude] },
    pause: missing.length > 0,
    keep: true,
  });
  const preview = asked.data?.previewDepartmentSelection;

  if (missing.length > 0) return <Note tone="idle">{t('selection.locked')}</Note>;
  if (!preview) return <p className="small t2">{asked.problem ? t('selection.failed') : t('selection.counting')}</p>;
  const errors = preview.userErrors;
  if (errors.length > 0) {
    return (
      <Note tone="bad">
        {errors.map(({ statement }) => {
          const sentence = say(statement);
          return (
            <p key={statement.text} lang={sentence.lang}>
              {sentence.text}
            </p>
          );
        })}
      </Note>
    );
  }

  const departments = preview.departmentsFallingOut?.totalCount ?? 0;
  const people = preview.usersFallingOut?.totalCount ?? 0;
  return (
    <div className="col gap8 selection-preview" aria-busy={asked.refreshing || settled !== selection}>
      <div role="status">
        <Note tone={people > 0 || departments > 0 ? 'warn' : 'ok'}>
          <p>{t('selection.stay', { departments: preview.selectedDepartments ?? 0, people: preview.selectedUsers ?? 0 })}</p>
          <p className="bold">
            {people > 0 || departments > 0 ? t('selection.fall', { departments, people }) : t('selection.fall.nobody')}
          </p>
          {(people > 0 || departments > 0) && <p className="small t2">{t('selection.fall.what')}</p>}
        </Note>
      </div>
      {preview.unknownDepartments.length > 0 && (
        <Note tone="warn">
          {t.rich('selection.unknown', { ids: <code translate="no">{preview.unknownDepartments.join(', ')}</code> })}
        </Note>
      )}
      {departments > 0 && (
        <Names
          title={t('selection.departments', { count: departments })}
          names={(preview.departmentsFallingOut?.nodes ?? []).map(({ deptId, name }) => ({ id: deptId, name }))}
          count={departments}
        />
      )}
      {people > 0 && (
        <Names
          title={t('selection.people', { count: people })}
          names={(preview.usersFallingOut?.nodes ?? []).map(({ userId, name, title }) => ({ id: userId, name, title }))}
          count={people}
        />
      )}
    </div>
  );
}

function Names({ title, names, count }: {
  title: string;
  names: readonly { id: string; name: string; title?: string | null }[];
  count: number;
}) {
  const t = useText(messages);
  return (
    <details className="selection-names">
      <summary>{title}</summary>
      <ul className="small">
        {names.map(({ id, name, title: job }) => (
          <li key={id}>
            <span translate="no">{name}</span> {job && <span className="t3" translate="no">{job}</span>}
          </li>
        ))}
      </ul>
      {count > names.length && <p className="small t3">{t('selection.more', { count: count - names.length })}</p>}
    </details>
  );
}
