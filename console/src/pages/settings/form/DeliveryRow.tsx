import type { DeliveryMode } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { RadioGroup } from '../../../ui/fields';
import { Pill } from '../../../ui/Pill';
import { messages } from '../messages';
import { useForm, useRow } from '../useForm';
import { Mistakes } from './Mistakes';
import { Row, useRowIds } from './Row';
import { Tester } from './Tester';

const MODES = ['ON', 'SHADOW', 'REDIRECT'] as const satisfies readonly DeliveryMode[];

/** Yes or No, as the form has it, and what Yes means: all is sent, nothing is, or everything to one tester. */
export function DeliveryRow() {
  const t = useText(messages);
  const ids = useRowIds('deliveryMode');
  const { base } = useForm();
  const { value, set, changed, mistakes, readOnly } = useRow('deliveryMode');
  const tester = useRow('redirectTo');
  // Back to Yes is back to what it was.
  const yes = base.deliveryMode === 'OFF' ? 'ON' : base.deliveryMode;

  const mark = (of: DeliveryMode, text: string) => (
    <>
      {text} {changed && value === of && <Pill tone="wait">{t('changed')}</Pill>}
    </>
  );

  return (
    <Row field="deliveryMode" ids={ids} group>
      <fieldset disabled={readOnly} aria-describedby={ids.hint} className="col gap8">
        <RadioGroup
          label={t('field.deliveryMode')}
          labelHidden
          row
          value={value === 'OFF' ? 'no' : 'yes'}
          onChange={(enabled) => set(enabled === 'no' ? 'OFF' : value === 'OFF' ? yes : value)}
          options={[
            { value: 'yes', text: t('enabled.yes') },
            { value: 'no', text: mark('OFF', t('enabled.no')) },
          ]}
        />
        {value !== 'OFF' && (
          <RadioGroup
            label={<span className="small t3">{t('mode')}</span>}
            value={value}
            onChange={set}
            options={MODES.map((mode) => ({
              value: mode,
              text: mark(mode, t(`mode.${mode}`)),
              remark: t(`mode.${mode}.remark`),
            }))}
          />
        )}
      </fieldset>
      {(value === 'REDIRECT' || tester.changed || tester.mistakes.length > 0) && <Tester />}
      <Mistakes id={ids.mistakes} mistakes={mistakes} value="" />
    </Row>
  );
}
