import { useNames, type ChangeFacts } from '../../../shared/changes';
import { useCause } from '../../../shared/changes/useCause';
import { useDid } from '../../../shared/changes/useDid';
import { useFieldWords } from '../../../shared/changes/useFieldWords';
import { DiffRow } from '../../../ui/DiffRow';
import { RelativeTime } from '../../../ui/RelativeTime';
import { Sep } from '../../../ui/Sep';

/** What changed of one person or department; whose card it is goes without saying. */
export function Changes({ changes }: { changes: readonly ChangeFacts[] }) {
  const names = useNames(changes);
  const words = useFieldWords(names);
  const cause = useCause();

  const did = useDid(names);
  return (
    <ul className="changes">
      {changes.map((change, index) => (
        <li key={change.cursor ?? index} className="changes-item">
          <span className="small t3 changes-time">{change.at && <RelativeTime at={change.at} as="moment" />}</span>
          <div className="changes-what">
            <p>
              {did(change)}
              <span className="small t3 nowrap">
                <Sep />
                {cause(change)}
              </span>
            </p>
            {change.fields.map((field) => {
              const [before, after] = words.values(change.entity, field);
              return <DiffRow key={field.field} field={words.name(change.entity, field.field)} before={before} after={after} />;
            })}
          </div>
        </li>
      ))}
    </ul>
  );
}
