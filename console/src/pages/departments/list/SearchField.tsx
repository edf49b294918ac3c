import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Icon } from '../../../ui/Icon';
import { useDebounced } from '../../../ui/useDebounced';
import { messages } from '../messages';

const DEBOUNCE = 90;

/** What others may do with the field. */
export interface FieldHandle {
  focus: () => void;
  clear: () => boolean;
}

/**
 * What is searched for. It keeps what is typed to itself until it has stayed the same for 90 ms, so that a key renders
 * nothing else. `query` comes from the address: Back, or a link.
 */
export function SearchField({
  ref,
  query,
  onQuery,
  answered,
  onEarlyEnter,
  listId,
  activeId,
  expanded,
  onKeyDown,
}: {
  ref?: Ref<FieldHandle>;
  query: string;
  onQuery: (query: string) => void;
  /** What the rows below answer; null: not what is asked for now. */
  answered: string | null;
  /** Enter came before the answer to what is typed: it is meant for that. */
  onEarlyEnter: (query: string, control: boolean) => void;
  listId: string;
  activeId: string | undefined;
  expanded: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  const t = useText(messages);
  const [text, setText] = useState(query);
  const input = useRef<HTMLInputElement>(null);

  // What this field told is no news.
  const told = useRef(query);
  useEffect(() => {
    if (told.current === query) return;
    told.current = query;
    setText(query);
  }, [query]);

  const settled = useDebounced(text.trim(), DEBOUNCE);
  const tell = useEffectEvent((next: string) => {
    if (told.current === next) return;
    told.current = next;
    onQuery(next);
  });
  useEffect(() => tell(settled), [settled]);

  const keys = (event: KeyboardEvent) => {
    const typed = text.trim();
    const isEnter = event.key === 'Enter' && !event.nativeEvent.isComposing && !event.altKey;
    if (!isEnter || activeId !== undefined || typed === '' || typed === answered) {
      onKeyDown(event);
      return;
    }
    event.preventDefault();
    onEarlyEnter(typed, event.ctrlKey || event.metaKey);
    tell(typed);
  };
  const clear = (): boolean => {
    if (text === '') return false;
    setText('');
    tell('');
    return true;
  };
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus(), clear }));

  return (
    <label className="find-box">
      <Icon name="search" />
      <input
        ref={input}
        className="grow"
        role="combobox"
        aria-label={t('find')}
        aria-expanded={expanded}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={activeId}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={64}
        placeholder={t('find')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={keys}
      />
      <span className="small t3 nowrap find-hint" aria-hidden="true">
        {t('find.hint')}
      </span>
      {text !== '' && (
        <Button
          kind="quiet"
          small
          icon="cross"
          label={t('find.clear')}
          onClick={() => {
            clear();
            input.current?.focus();
          }}
        />
      )}
    </label>
  );
}
