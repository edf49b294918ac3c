import { useState } from 'react';
import { useAsk } from '../../../data';
import type { FindPersonQuery } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/classes';
import { Field } from '../../../ui/fields';
import { Highlight } from '../../../ui/Highlight';
import { RecordPill } from '../../../ui/RecordPill';
import { useCombobox } from '../../../ui/useCombobox';
import { useDebounced } from '../../../ui/useDebounced';
import { messages } from '../messages';
import { FindPersonQuery as FindPerson } from '../queries';

type Hit = NonNullable<FindPersonQuery['search']>['nodes'][number];

/** Somebody of DingTalk, as far as a choice has to tell. */
export interface Chosen {
  userId: string;
  name: string;
  /** The department that they are told by; empty where none is known. */
  department: string;
}

/** The person of a hit; null where it is a department. */
export function chosenOf(hit: Hit): Chosen | null {
  if (!('userId' in hit.item)) return null;
  return { userId: hit.item.userId, name: hit.item.name, department: hit.departmentPath.at(-1) ?? '' };
}

/** A field that finds people of DingTalk as somebody types: names, pinyin, job numbers. */
export function PersonPicker({ label, hint, error, onChoose }: {
  label: string;
  hint?: string;
  error?: string;
  onChoose: (person: Chosen) => void;
}) {
  const t = useText(messages);
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const text = useDebounced(typed.trim(), 90);
  const asked = useAsk(FindPerson, { variables: { text, first: 8 }, pause: text === '', keep: true });
  const hits = text === '' ? [] : (asked.data?.search?.nodes ?? []);
  const answered = text !== '' && !asked.loading && !asked.refreshing;

  const choose = (index: number) => {
    const person = hits[index] && chosenOf(hits[index]);
    if (!person) return;
    setTyped('');
    setOpen(false);
    onChoose(person);
  };
  const combobox = useCombobox({
    count: hits.length,
    open,
    onOpen: setOpen,
    onChoose: choose,
    onSubmit: () => choose(0),
    onClear: () => setTyped(''),
    name: label,
  });

  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <div className="matching-picker">
          <span className={classes('box', !!error && 'wrong')}>
            <input
              {...combobox.input}
              {...ids}
              className="input"
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value);
                setOpen(true);
                combobox.reset();
              }}
              onBlur={() => setOpen(false)}
              onFocus={() => setOpen(typed !== '')}
            />
          </span>
          <ul {...combobox.list} className="matching-picker-list" hidden={!open || hits.length === 0}>
            {hits.map((hit, index) => (
              <HitRow key={index} hit={hit} option={combobox.option(index)} />
            ))}
          </ul>
          <p className="small t2" role="status">
            {open && answered && hits.length === 0 ? t('picker.nothing', { text }) : ''}
          </p>
        </div>
      )}
    </Field>
  );
}

function HitRow({ hit, option }: { hit: Hit; option: React.LiHTMLAttributes<HTMLLIElement> }) {
  if (!('userId' in hit.item)) return null;
  const { name, title, jobNumber, state } = hit.item;
  return (
    <li {...option}>
      <span className="row">
        <Highlight text={name} ranges={hit.matches.filter((match) => match.field === 'NAME')} />
        <span className="small t2 clip" translate="no">
          {[title, jobNumber].filter(Boolean).join(' ')}
        </span>
        <RecordPill state={state} unlessActive />
      </span>
      <span className="small t3 clip" translate="no">
        {hit.departmentPath.join(' / ')}
      </span>
    </li>
  );
}
