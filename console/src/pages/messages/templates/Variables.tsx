import { useText } from '../../../i18n';
import { TextField } from '../../../ui/fields';
import { messages } from '../compose/messages';

/** A field for each variable of a template. A list is typed as JSON: `["a", "b"]`. */
export function Variables({
  names,
  values,
  onChange,
}: {
  names: readonly string[];
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}) {
  const t = useText(messages);
  if (names.length === 0) return <p className="t2">{t('variables.none')}</p>;
  return (
    <div className="col gap12">
      {names.map((name) => (
        <TextField
          key={name}
          label={
            <code translate="no">
              {name}
            </code>
          }
          value={values[name] ?? ''}
          onChange={(value) => onChange({ ...values, [name]: value })}
        />
      ))}
      <p className="small t2">{t('variables.hint')}</p>
    </div>
  );
}
