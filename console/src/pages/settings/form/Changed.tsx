import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Pill } from '../../../ui/Pill';
import type { Field } from '../fields';
import { messages } from '../messages';

/** 已改, and the way back. */
export function Changed({ field, onUndo }: { field: Field; onUndo: () => void }) {
  const t = useText(messages);
  return (
    <>
      <Pill tone="wait">{t('changed')}</Pill>
      <Button kind="quiet" small icon="undo" label={t('undo', { field: t(`field.${field}`) })} onClick={onUndo} />
    </>
  );
}
