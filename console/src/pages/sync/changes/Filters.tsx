import './changes.css';
import { useMemo } from 'react';
import { useFormats, useText } from '../../../i18n';
import { useChoiceWords, useNames, type ChangeFacts } from '../../../shared/changes';
import { Button } from '../../../ui/Button';
import { Checkbox, TextField } from '../../../ui/fields';
import { Icon } from '../../../ui/Icon';
import { Popover } from '../../../ui/Popover';
import { messages } from '../messages';
import { CHOICES, chosenOf, dayBefore, FILTERS, sinceOf, valuesOf, withValues, type Chosen } from './address';
import { SubjectFilter } from './SubjectFilter';

/** The filters of the feed; what is chosen stands in the address, and below as chips that can be taken off. */
export function Filters({ params, onChange }: { params: URLSearchParams; onChange: (to: URLSearchParams) => void }) {
  const t = useText(messages);
  const set = (name: (typeof FILTERS)[number], values: readonly string[]) => onChange(withValues(params, name, values));
  return (
    <div className="feed-filters" role="search" aria-label={t('filter')}>
      <div className="row wrap">
        {(['entity', 'kind', 'cause'] as const).map((name) => (
          <Choice key={name} name={name} params={params} onChange={(values) => set(name, values)} />
        ))}
        <Since params={params} onChange={(values) => set('since', values)} />
        <SubjectFilter
          onChoose={(name, id) => {
            const values = valuesOf(params, name);
            if (!values.includes(id)) set(name, [...values, id]);
          }}
        />
      </div>
      <Chips params={params} onChange={onChange} />
    </div>
  );
}

/** From which day on: some at hand, or any. */
function Since({ params, onChange }: { params: URLSearchParams; onChange: (values: readonly string[]) => void }) {
  const t = useText(messages);
  const chosen = sinceOf(params);
  const text = chosen ? t('filter.since.some', { count: 1 }) : t('filter.since');
  return (
    <Popover name={t('filter.since')} text={<>{text} <Icon name="down" /></>}>
      {(close) => (
        <div className="col gap12">
          <div className="row">
            {[1, 7, 30].map((days) => (
              <Button
                key={days}
                small
                onClick={() => {
                  close();
                  onChange([dayBefore(days - 1)]);
                }}
              >
                {days === 1 ? t('filter.since.today') : t('filter.since.days', { days })}
              </Button>
            ))}
          </div>
          <TextField
            label={t('filter.since.label')}
            type="date"
            value={chosen ? (params.get('since') as string) : ''}
            onChange={(value) => onChange(value ? [value] : [])}
          />
        </div>
      )}
    </Popover>
  );
}

/** Some of a few, behind a button that says which. */
function Choice({
  name,
  params,
  onChange,
}: {
  name: Chosen;
  params: URLSearchParams;
  onChange: (values: readonly string[]) => void;
}) {
  const t = useText(messages);
  const say = useWords(name);
  const chosen: readonly string[] = chosenOf(params, name);
  const text = chosen.length === 0 ? t(`filter.${name}`) : t(`filter.${name}.some`, { count: chosen.length });
  return (
    <Popover name={t(`filter.${name}`)} text={<>{text} <Icon name="down" /></>}>
      {() => (
        <fieldset>
          <legend className="unseen">{t(`filter.${name}`)}</legend>
          {CHOICES[name].map((choice) => (
            <Checkbox
              key={choice}
              checked={chosen.includes(choice)}
              onChange={(to) => onChange(to ? [...chosen, choice] : chosen.filter((each) => each !== choice))}
            >
              {say(choice)}
            </Checkbox>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}

/** The words of a filter's choices. */
function useWords(name: Chosen): (choice: string) => string {
  const words = useChoiceWords();
  return words[name] as (choice: string) => string;
}

/** Somebody or something to be named. */
function subject(entity: ChangeFacts['entity'], entityId: string): ChangeFacts {
  return { kind: 'UPDATED', entity, entityId, fields: [] };
}

/** What is filtered by, each with a button that takes it off. */
function Chips({ params, onChange }: { params: URLSearchParams; onChange: (to: URLSearchParams) => void }) {
  const t = useText(messages);
  const words = { entity: useWords('entity'), kind: useWords('kind'), cause: useWords('cause') };
  const { day } = useFormats();
  const users = valuesOf(params, 'user');
  const depts = valuesOf(params, 'dept');
  const subjects = useMemo(
    () => [...users.map((id) => subject('USER', id)), ...depts.map((id) => subject('DEPARTMENT', id))],
    // The lists are made anew each time, and their texts tell whether they differ.
    [users.join(), depts.join()],
  );
  const names = useNames(subjects);
  const since = sinceOf(params);

  const chips = [
    ...(['entity', 'kind', 'cause'] as const).flatMap((name) =>
      chosenOf(params, name).map((value) => ({ name, value: value as string, text: words[name](value), data: false })),
    ),
    ...(since ? [{ name: 'since' as const, value: params.get('since') as string, text: t('filter.since.day', { day: day(since) }), data: false }] : []),
    ...users.map((value) => ({ name: 'user' as const, value, text: names.person(value), data: true })),
    ...depts.map((value) => ({ name: 'dept' as const, value, text: names.department(value), data: true })),
  ];
  if (chips.length === 0) return null;
  return (
    <ul className="row wrap feed-chips">
      {chips.map(({ name, value, text, data }) => (
        <li key={`${name}:${value}`}>
          <Button
            small
            title={t('filter.off', { name: text })}
            onClick={() => onChange(withValues(params, name, valuesOf(params, name).filter((each) => each !== value)))}
          >
            <span className="unseen">{t('filter.remove')}</span>
            <span translate={data ? 'no' : undefined}>{text}</span>
            <Icon name="cross" size={14} />
          </Button>
        </li>
      ))}
      <li>
        <Button small kind="quiet" onClick={() => onChange(FILTERS.reduce((all, name) => withValues(all, name, []), params))}>
          {t('filter.clear')}
        </Button>
      </li>
    </ul>
  );
}
