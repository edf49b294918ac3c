import { useState } from 'react';
import { useText } from '../../../i18n';
import { FoundList, FoundRow, keyOf, useFind, type Hit } from '../../../shared/find';
import { classes } from '../../../ui/classes';
import { Field } from '../../../ui/fields';
import { useCombobox } from '../../../ui/useCombobox';
import { messages } from '../messages';

/** Somebody of DingTalk, as far as a choice has to tell. */
export interface Chosen {
  userId: string;
  name: string;
  /** The department that they are told by; empty where none is known. */
  department: string;
}

/** The person of a hit; null where it is a department. */
export function chosenOf({ item, departmentPath }: Hit): Chosen | null {
  if (item.__typename !== 'User') return null;
  return { userId: item.userId, name: item.name, department: departmentPath.at(-1) ?? '' };
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
  const { query, hits, answered } = useFind(typed, { kinds: ['USER'] });

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
        <div className="found-place">
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
          <FoundList
            combobox={combobox}
            open={open}
            options={hits.map((hit) => ({ key: keyOf(hit), content: <FoundRow hit={hit} numbered /> }))}
          />
          <p className="small t2" role="status">
            {open && answered && hits.length === 0 ? t('picker.nothing', { text: query }) : ''}
          </p>
        </div>
      )}
    </Field>
  );
}
