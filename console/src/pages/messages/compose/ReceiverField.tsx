import './receivers.css';
import { useEffect, useEffectEvent, useRef, useState, type ClipboardEvent } from 'react';
import { useAsk, usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { Avatar } from '../../../ui/Avatar';
import { Button } from '../../../ui/Button';
import { classes } from '../../../ui/classes';
import { Field } from '../../../ui/fields';
import { Icon } from '../../../ui/Icon';
import { RecordPill } from '../../../ui/RecordPill';
import { useCombobox } from '../../../ui/useCombobox';
import { useDebounced } from '../../../ui/useDebounced';
import type { Receiver } from './draft';
import { messages } from './messages';
import { ReceiverSearchQuery } from './queries';

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
  const query = useDebounced(text.trim(), 90);
  const asked = useAsk(ReceiverSearchQuery, {
    variables: { query: query.slice(0, 64) },
    pause: query === '' || !mayRead,
    policy: 'cache-first',
    keep: true,
  });

  const hits = query === '' || !mayRead ? [] : (asked.data?.search?.nodes ?? []);
  const options: { receiver: Receiver; path?: readonly string[]; about?: string | null; state?: 'ACTIVE' | 'HELD' | 'GONE' }[] = [];
  for (const { item, departmentPath } of hits) {
    if (item.__typename === 'User') {
      options.push({ receiver: { kind: 'user', id: item.userId, name: item.name }, about: item.title, path: departmentPath, state: item.state });
    } else {
      const receiver = { kind: 'department', id: item.deptId, name: item.name, people: item.totalMemberCount, below: true } as const;
      options.push({ receiver, path: departmentPath, state: item.state });
    }
  }
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
  const found = query === typed && !asked.refreshing && hits.length > 0;
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
          className="receivers-place"
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
          <div {...combobox.list} className="receivers-list" hidden={!open || options.length === 0}>
            {options.map(({ receiver, path, about, state }, index) => (
              <div
                key={`${receiver.kind} ${receiver.id}`}
                {...combobox.option(index)}
                className={classes('receivers-option', index === combobox.active && 'active')}
              >
                {receiver.kind === 'user' ? <Avatar name={receiver.name} /> : <Tile kind={receiver.kind} />}
                <span className="grow">
                  <span className="row">
                    <b translate="no">{'name' in receiver ? receiver.name : receiver.id}</b>
                    <span className="small t2 clip" translate="no">
                      {about}
                    </span>
                  </span>
                  <span className="small t3">
                    {path ? <span translate="no">{(path.length > 1 ? path.slice(1) : path).join(' / ')}</span> : t(`to.${receiver.kind as 'email'}`)}
                  </span>
                </span>
                {state && <RecordPill state={state} unlessActive />}
                {receiver.kind === 'department' && receiver.people !== null && (
                  <span className="small t2 nowrap num">{t('people', { count: receiver.people })}</span>
                )}
              </div>
            ))}
          </div>
        </div>
      )}
    </Field>
  );
}

function Tile({ kind }: { kind: Receiver['kind'] }) {
  return (
    <span className="receivers-tile" aria-hidden="true">
      <Icon name={kind === 'department' ? 'departments' : 'matching'} />
    </span>
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
