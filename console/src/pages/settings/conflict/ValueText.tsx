import { useText } from '../../../i18n';
import { RelativeTime } from '../../../ui/RelativeTime';
import type { Field } from '../fields';
import { isUrlField } from '../fields';
import { messages } from '../messages';
import { useNamed } from '../selection/useNamed';
import type { Selection, Stored, Values } from '../values';

/** The value of a row in words: as somebody reads it, not as it is stored. */
export function ValueText({ field, values, secret }: {
  field: Field;
  values: Values;
  /** Of AppSecret: whether a new one was written, or since when the stored one is. */
  secret?: Stored['appSecret'] | 'new';
}) {
  const t = useText(messages);
  switch (field) {
    case 'matchingMethod':
      return <>{t(`method.${values.matchingMethod}`)}</>;
    case 'deliveryMode':
      return <>{t(`mode.${values.deliveryMode}`)}</>;
    case 'departments':
      return <SelectionText selection={values.departments} />;
    case 'appSecret':
      if (secret === 'new') return <>{t('secret.new')}</>;
      if (!secret?.isSet) return <>{t('secret.unset')}</>;
      return (
        <>
          {t('secret.set')} {secret.setAt && <RelativeTime at={secret.setAt} as="moment" />}
        </>
      );
    default: {
      const text = values[field].trim();
      if (text !== '') {
        return (
          <span className="mono conflict-value" translate="no">
            {text}
          </span>
        );
      }
      return <span className="t3">{isUrlField(field) ? t('value.off') : t('value.empty')}</span>;
    }
  }
}

function SelectionText({ selection: { include, exclude } }: { selection: Selection }) {
  const t = useText(messages);
  const { byId } = useNamed([...include, ...exclude]);
  const names = (ids: readonly string[]) => (
    <span translate="no">{ids.slice(0, 5).map((id) => byId.get(id)?.name ?? id).join(', ')}</span>
  );
  return (
    <>
      {include.length === 0
        ? t('departments.all')
        : t.rich('departments.included', { names: names(include), more: Math.max(include.length - 5, 0) })}
      {exclude.length > 0 && (
        <> {t.rich('departments.excluded', { names: names(exclude), more: Math.max(exclude.length - 5, 0) })}</>
      )}
    </>
  );
}
