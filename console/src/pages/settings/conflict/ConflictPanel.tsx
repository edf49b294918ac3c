import './conflict.css';
import { useState } from 'react';
import { useSession } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { classes } from '../../../ui/classes';
import { Gap } from '../../../ui/Gap';
import { Icon } from '../../../ui/Icon';
import { RelativeTime } from '../../../ui/RelativeTime';
import { Sep } from '../../../ui/Sep';
import { messages } from '../messages';
import { merged, type Difference, type Side } from '../merge';
import { useForm, type Form } from '../useForm';
import { valuesOf } from '../values';
import { ValueText } from './ValueText';

/** The panel's id: Submit leads here while there is something to decide. */
export const CONFLICT = 'settings-conflict';

/**
 * Somebody submitted while this form was being written: what it was, what they wrote, what is written here, and what it
 * becomes. Only what both changed needs a choice; nothing typed is lost.
 */
export function ConflictPanel() {
  const form = useForm();
  return form.conflict && <Panel form={form} differences={form.conflict} />;
}

function Panel({ form, differences }: { form: Form; differences: readonly Difference[] }) {
  const t = useText(messages);
  const { base, stored, values, choices } = form;
  const contested = differences.filter((each) => each.contested);
  const open = contested.filter(({ field }) => !choices[field]);
  const [asked, setAsked] = useState(false);
  const result = merged(differences, stored, values, choices);
  const { subject } = useSession();
  const who = stored.updatedBy ?? t('conflict.somebody');

  const goOn = () => {
    setAsked(true);
    const first = open[0];
    if (first) return document.getElementById(`${CONFLICT}-${first.field}`)?.querySelector('input')?.focus();
    setAsked(false);
    form.begin(stored, result);
    document.getElementById('main')?.focus();
    return undefined;
  };

  return (
    <section className="card edge-warn conflict" id={CONFLICT} aria-labelledby={`${CONFLICT}-title`} tabIndex={-1}>
      <header>
        <span className="warn">
          <Icon name="warning" />
        </span>
        <div role="alert">
          <h2 id={`${CONFLICT}-title`}>
            {stored.updatedBy === subject
              ? t('conflict.title.self')
              : t.rich('conflict.title', { who: <span translate="no">{who}</span> })}
          </h2>
        </div>
        <span className="small t3">
          {stored.updatedAt && (
            <>
              <RelativeTime at={stored.updatedAt} as="moment" />
              <Sep />
            </>
          )}
          {t('conflict.versions', { from: base.version, to: stored.version })}
        </span>
      </header>
      <p className="t2 conflict-told">
        {t('conflict.kept')}
        <Gap />
        {contested.length > 0 ? t('conflict.choose', { count: contested.length }) : t('conflict.merges')}
      </p>
      <div className="conflict-scroll" tabIndex={0} role="region" aria-label={t('conflict.table')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('column.field')}</th>
              <th scope="col">{t('conflict.base', { version: base.version })}</th>
              <th scope="col">{t.rich('conflict.theirs', {
                  who: <span translate="no">{who}</span>,
                  version: <span translate="no">{stored.version}</span>,
                })}</th>
              <th scope="col">{t('conflict.mine')}</th>
              <th scope="col">{t('conflict.result')}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map((difference) => (
              <Line
                key={difference.field}
                difference={difference}
                form={form}
                result={result}
                missing={asked && difference.contested && !choices[difference.field]}
                who={who}
              />
            ))}
          </tbody>
        </table>
      </div>
      <div className="row wrap pad conflict-foot">
        {!form.readOnly && (
          <>
            <Button kind="primary" onClick={goOn}>
              {t('conflict.goOn')}
            </Button>
            <Button onClick={() => form.begin(stored)}>{t('conflict.drop')}</Button>
          </>
        )}
        <span className={classes('small', asked && open.length > 0 ? 'bad' : 't3')} role="status">
          {asked && open.length > 0 ? t('conflict.open', { count: open.length }) : t('conflict.notYet')}
        </span>
      </div>
    </section>
  );
}

function Line({ difference: { field, byMe, byThem, contested }, form, result, missing, who }: {
  difference: Difference;
  form: Form;
  result: ReturnType<typeof valuesOf>;
  missing: boolean;
  who: string;
}) {
  const t = useText(messages);
  const { base, stored, values, choices } = form;
  const label = t(`field.${field}`);
  const takesMine = contested ? choices[field] === 'mine' : byMe;

  const theirs = <ValueText field={field} values={valuesOf(stored)} secret={stored.appSecret} />;
  const mine = <ValueText field={field} values={values} secret="new" />;
  const side = (of: Side, content: React.ReactNode) =>
    contested ? (
      <label className="choice conflict-choice">
        <input
          type="radio"
          name={`conflict-${field}`}
          checked={choices[field] === of}
          aria-describedby={missing ? `${CONFLICT}-${field}-missing` : undefined}
          onChange={() => form.choose(field, of)}
        />
        <span>{content}</span>
      </label>
    ) : (
      content
    );

  return (
    <tr id={`${CONFLICT}-${field}`} className={contested ? undefined : 'conflict-auto'}>
      <th scope="row">{label}</th>
      <td data-label={t('conflict.base', { version: base.version })} className="t2">
        <ValueText field={field} values={valuesOf(base)} secret={base.appSecret} />
      </td>
      <td data-label={t('conflict.theirs.short', { who })}>
        {byThem ? side('theirs', theirs) : <span className="t3">{t('conflict.same')}</span>}
      </td>
      <td data-label={t('conflict.mine')}>
        {byMe ? side('mine', mine) : <span className="t3">{t('conflict.same')}</span>}
      </td>
      <td data-label={t('conflict.result')}>
        {contested && !choices[field] ? (
          <span id={`${CONFLICT}-${field}-missing`} className={missing ? 'bad' : 't3'}>
            {t('conflict.choice')}
          </span>
        ) : (
          <>
            <ValueText field={field} values={result} secret={takesMine ? 'new' : stored.appSecret} />
            {!contested && (
              <span className="small ok row gap4">
                <Icon name="check" />
                {t('conflict.merged')}
              </span>
            )}
          </>
        )}
      </td>
    </tr>
  );
}
