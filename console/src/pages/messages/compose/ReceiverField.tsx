import './receivers.css';
import { useEffect, useEffectEvent, useRef, useState, type ClipboardEvent } from 'react';
import { usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { FoundList, FoundRow, Tile, useFind, type Hit } from '../../../shared/find';
import { Button } from '../../../ui/Button';
import { classes } from '../../../ui/classes';
import { Field } from '../../../ui/fields';
import { useCombobox } from '../../../ui/useCombobox';
import type { Receiver } from './draft';
import { messages } from './messages';

/** Whether two are the same. */
const same = (a: Receiver, b: Receiver) => a.kind === b.kind && a.id === b.id;

/** People, departments and Confluence users, found by typing, or pasted as a list of addresses. */
export function ReceiverField({
  label,
  labelHidden,
  hint,
  error,
  value,
  onChange,
  inputRef,
}: {
  label: string;
  labelHidden?: boolean;
  hint?: string;
  error?: React.ReactNode;
  value: readonly Receiver[];
  onChange: (value: Receiver[]) => void;
  inputRef?: React.Ref<HTMLInputElement>;
}) {
  const t = useText(messages);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const own = useRef<HTMLInputElement>(null);
  const mayRead = usePermission('directory:read');
  const { hits, query, answered } = useFind(text);
  const options: { receiver: Receiver; hit?: Hit }[] = hits.map((hit) => ({ receiver: receiverOf(hit), hit }));
  const typed = text.trim();
  // As Confluence knows people: nobody is looked up until the preview does it.
  if (/^[\x21-\x7e]+$/.test(typed) && !/[,;]/.test(typed)) options.push({ receiver: { kind: typed.includes('@') ? 'email' : 'username', id: typed } });

  const add = (receivers: readonly Receiver[]) => {
    const fresh = receivers.filter((each, index) => receivers.findIndex((other) => same(each, other)) === index);
    onChange([...value, ...fresh.filter((each) => !value.some((other) => same(each, other)))]);
    setText('');
    setOpen(false);
  };
  const remove = (index: number) => {
    onChange(value.filter((_, at) => at !== index));
    own.current?.focus();
  };

  const combobox = useCombobox({
    count: options.length,
    open,
    onOpen: setOpen,
    name: t('to.suggestions'),
    onChoose: (index) => {
      const option = options[index];
      if (option) add([option.receiver]);
    },
    onSubmit: () => {
      if (typed.includes('@')) add(identitiesOf(typed));
    },
    onClear: () => setText(''),
  });

  // The first one that was found is chosen by Enter, never a name that nobody looked for yet.
  const found = answered && hits.length > 0;
  const chooseFirst = useEffectEvent(() => combobox.reset(found ? 0 : -1));
  useEffect(() => chooseFirst(), [found, query]);

  const paste = (event: ClipboardEvent) => {
    const pasted = identitiesOf(event.clipboardData.getData('text'));
    if (pasted.length < 2) return;
    event.preventDefault();
    add(pasted);
  };

  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error}>
      {(ids) => (
        <div
          className="found-place"
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
          }}
        >
          <div className={classes('box', 'receivers', !!error && 'wrong')} onClick={() => own.current?.focus()}>
            {value.map((receiver, index) => (
              <Token
                key={`${receiver.kind} ${receiver.id}`}
                receiver={receiver}
                onChange={(changed) => onChange(value.map((each, at) => (at === index ? changed : each)))}
                onRemove={() => remove(index)}
              />
            ))}
            <input
              {...combobox.input}
              {...ids}
              ref={(element) => {
                own.current = element;
                if (typeof inputRef === 'function') inputRef(element);
                else if (inputRef) inputRef.current = element;
              }}
              className="input"
              placeholder={value.length === 0 ? (mayRead ? t('to.placeholder') : t('to.placeholder.identities')) : undefined}
              value={text}
              onFocus={() => setOpen(true)}
              onPaste={paste}
              onChange={(event) => {
                setText(event.target.value);
                setOpen(true);
                combobox.reset();
              }}
              onKeyDown={(event) => {
                if (event.key === 'Backspace' && text === '' && value.length > 0) remove(value.length - 1);
                else combobox.input.onKeyDown(event);
              }}
            />
          </div>
          <FoundList
            combobox={combobox}
            open={open}
            options={options.map(({ receiver, hit }) => ({
              key: `${receiver.kind} ${receiver.id}`,
              content: hit ? <FoundRow hit={hit} /> : <Typed receiver={receiver} />,
            }))}
          />
        </div>
      )}
    </Field>
  );
}

function receiverOf({ item }: Hit): Receiver {
  return item.__typename === 'User'
    ? { kind: 'user', id: item.userId, name: item.name }
    : { kind: 'department', id: item.deptId, name: item.name, people: item.totalMemberCount, below: true };
}

/** Somebody as Confluence knows them: the words that were typed. */
function Typed({ receiver }: { receiver: Receiver }) {
  const t = useText(messages);
  return (
    <>
      <Tile icon="matching" />
      <span className="grow found-text">
        <b translate="no">{receiver.id}</b>
        <span className="small t3 found-path">{t(`to.${receiver.kind as 'email'}`)}</span>
      </span>
    </>
  );
}

/** A chosen one. A department says whether the ones below it count, and takes a press to change that. */
function Token({
  receiver,
  onChange,
  onRemove,
}: {
  receiver: Receiver;
  onChange: (receiver: Receiver) => void;
  onRemove: () => void;
}) {
  const t = useText(messages);
  const name = 'name' in receiver ? receiver.name : receiver.id;
  return (
    <span className="receivers-token" onClick={(event) => event.stopPropagation()}>
      <span className="clip" translate="no">
        {name}
      </span>
      {receiver.kind === 'department' && (
        <button
          type="button"
          className="text-button small"
          aria-pressed={receiver.below}
          onClick={() => onChange({ ...receiver, below: !receiver.below })}
        >
          {receiver.below
            ? receiver.people === null
              ? t('to.below')
              : t('to.below.count', { count: receiver.people })
            : t('to.own')}
        </button>
      )}
      <Button kind="quiet" small icon="cross" label={t('to.remove', { name })} onClick={onRemove} />
    </span>
  );
}

/** The addresses or names of a pasted list, one a line or divided by commas. A table's row counts by its address. */
function identitiesOf(text: string): Receiver[] {
  return text
    .split(/[\n,;，；]+/)
    .map((line) => /[^\s<>"']+@[^\s<>"']+/.exec(line)?.[0] ?? line.trim())
    .filter((each) => each !== '' && !/\s/.test(each))
    .map((id) => ({ kind: id.includes('@') ? 'email' : 'username', id }));
}
