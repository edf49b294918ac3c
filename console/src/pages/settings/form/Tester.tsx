import '../../../ui/fields.css';
import './tester.css';
import { useState } from 'react';
import { useAsk, usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { FoundList, FoundRow, keyOf, useFind } from '../../../shared/find';
import { classes } from '../../../ui/classes';
import { RecordPill } from '../../../ui/RecordPill';
import { useCombobox } from '../../../ui/useCombobox';
import { useDebounced } from '../../../ui/useDebounced';
import { messages } from '../messages';
import { TesterQuery } from '../queries';
import { useRow } from '../useForm';
import { Changed } from './Changed';
import { Mistakes } from './Mistakes';
import { useRowIds } from './Row';

/** The one to whom everything goes: a userId, which nobody knows by heart, so a name finds it. */
export function Tester() {
  const t = useText(messages);
  const ids = useRowIds('redirectTo');
  const { value, set, undo, look, write, changed, mistakes, readOnly } = useRow('redirectTo');
  const mayRead = usePermission('directory:read');
  const [open, setOpen] = useState(false);

  const { hits } = useFind(value, { kinds: ['USER'], pause: !open });

  const settled = useDebounced(value.trim(), 300);
  const named = useAsk(TesterQuery, { variables: { userId: settled }, pause: settled === '' || !mayRead });
  const person = value.trim() === settled ? named.data?.user : null;

  const combobox = useCombobox({
    count: hits.length,
    open,
    onOpen: setOpen,
    name: t('tester.found'),
    onChoose: (index) => {
      const chosen = hits[index]?.item;
      if (chosen?.__typename === 'User') set(chosen.userId);
      setOpen(false);
    },
  });
  const wrong = mistakes.length > 0;
  return (
    <div className="tester" id="redirectTo">
      <label htmlFor={ids.control} className="small t3">
        {t('field.redirectTo')}
      </label>
      <div
        className="found-place"
        onBlur={(event) => {
          if (event.currentTarget.contains(event.relatedTarget)) return;
          setOpen(false);
          look();
        }}
      >
        <span className={classes('box', wrong && 'wrong', readOnly && 'read-only')}>
          <input
            {...combobox.input}
            id={ids.control}
            className="input"
            translate="no"
            aria-describedby={classes(wrong && ids.mistakes, ids.hint)}
            aria-invalid={wrong || undefined}
            readOnly={readOnly}
            placeholder={mayRead ? t('tester.placeholder') : t('tester.id')}
            value={value}
            onFocus={write}
            onChange={(event) => {
              set(event.target.value);
              setOpen(true);
              combobox.reset();
            }}
          />
          {changed && <Changed field="redirectTo" onUndo={undo} />}
        </span>
        <FoundList
          combobox={combobox}
          open={open}
          options={hits.map((hit) => ({ key: keyOf(hit), content: <FoundRow hit={hit} numbered /> }))}
        />
      </div>
      <p id={ids.hint} className="small t2">
        {person ? (
          <>
            {t.rich('tester.is', { name: <b translate="no">{person.name}</b> })} <RecordPill state={person.state} unlessActive />
          </>
        ) : (
          t('hint.redirectTo')
        )}
      </p>
      <Mistakes id={ids.mistakes} mistakes={mistakes} value="" />
    </div>
  );
}
