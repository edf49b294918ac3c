import { useAsk, useMissing } from '../../../data';
import type { MatchingMethod, MethodFiguresFragment } from '../../../generated/graphql';
import { LOCALES, useText } from '../../../i18n';
import { RadioGroup } from '../../../ui/fields';
import { Pill } from '../../../ui/Pill';
import { messages } from '../messages';
import { MethodFiguresQuery } from '../queries';
import { useForm, useRow } from '../useForm';
import { Consequences } from './Consequences';
import { Mistakes } from './Mistakes';
import { Row, useRowIds } from './Row';

const METHODS: readonly MatchingMethod[] = ['EMAIL_TO_EMAIL', 'USERNAME_TO_JOB_NUMBER'];
const ORIGINAL: Record<MatchingMethod, string> = {
  EMAIL_TO_EMAIL: 'Email <--> Email',
  USERNAME_TO_JOB_NUMBER: 'Username <--> Job Number',
};

/** What makes two users one, with how many each method finds, and what changing it would do. */
export function MethodRow() {
  const t = useText(messages);
  const ids = useRowIds('matchingMethod');
  const { base } = useForm();
  const { value, set, changed, mistakes, readOnly } = useRow('matchingMethod');
  const hidden = useMissing(['identity:read', 'directory:read']).length > 0;
  const figures = useAsk(MethodFiguresQuery, { pause: hidden }).data;
  const of = { EMAIL_TO_EMAIL: figures?.email, USERNAME_TO_JOB_NUMBER: figures?.jobNumber };

  return (
    <Row field="matchingMethod" ids={ids} group>
      <fieldset disabled={readOnly} aria-describedby={ids.hint}>
        <RadioGroup
          label={t('field.matchingMethod')}
          labelHidden
          value={value}
          onChange={set}
          options={METHODS.map((method) => ({
            value: method,
            text: (
              <>
                {t(`method.${method}`)}{' '}
                {t(`method.${method}`) !== ORIGINAL[method] && (
                  <span className="small t3" lang={LOCALES.en} translate="no">
                    {ORIGINAL[method]}
                  </span>
                )}{' '}
                {changed && method === base.matchingMethod && <Pill tone="idle">{t('method.now')}</Pill>}
                {changed && method === value && <Pill tone="wait">{t('changed')}</Pill>}
              </>
            ),
            remark: <Figures method={method} figures={of[method]} />,
          }))}
        />
      </fieldset>
      {changed && <Consequences method={value} />}
      <Mistakes id={ids.mistakes} mistakes={mistakes} value="" />
    </Row>
  );
}

function Figures({ method, figures }: { method: MatchingMethod; figures: MethodFiguresFragment | null | undefined }) {
  const t = useText(messages);
  if (!figures) return null;
  const { usersWithKey: having, usersSharingAKey: sharing, usersHidden: hidden } = figures;
  return (
    <>
      {t(`method.figures.${method}`, { found: having - sharing, having, sharing })}
      {hidden > 0 && t('method.hidden', { count: hidden })}
    </>
  );
}
