import './search.css';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { usePermission } from '../../data';
import { useText } from '../../i18n';
import { useFind } from '../../shared/find/useFind';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { Icon } from '../../ui/Icon';
import { useCombobox } from '../../ui/useCombobox';
import { messages } from '../messages';

/** Loaded with the first focus: how what is found looks. */
const loadOptions = () => import('./searchOptions');

/** Finds people, departments and messages from any page. */
export function SearchBox({ open: narrowOpen, onLeave }: { open: boolean; onLeave: () => void }) {
  const t = useText(messages);
  const [, go] = useLocation();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [look, setLook] = useState<Awaited<ReturnType<typeof loadOptions>>>();
  const input = useRef<HTMLInputElement>(null);
  const mayReadMessages = usePermission('message:read');

  const { asked, query, hits } = useFind(text);
  const options = text.trim() === '' || !look ? [] : look.optionsOf(hits, text.trim(), mayReadMessages, t);

  const leave = () => {
    setOpen(false);
    setText('');
    input.current?.blur();
    onLeave();
  };
  const follow = (href: string) => {
    leave();
    go(href);
  };

  const combobox = useCombobox({
    count: options.length,
    open,
    onOpen: setOpen,
    name: t('search'),
    onChoose: (index) => {
      const option = options[index];
      if (option) follow(option.href);
    },
    onSubmit: () => {
      if (text.trim() !== '') follow(`/departments?q=${encodeURIComponent(text.trim())}`);
    },
    onClear: leave,
  });

  useEffect(() => {
    const focus = () => input.current?.focus();
    addEventListener('dingmirror:search', focus);
    return () => removeEventListener('dingmirror:search', focus);
  }, []);
  useEffect(() => {
    if (narrowOpen) input.current?.focus();
  }, [narrowOpen]);

  const nothing = query !== '' && !asked.loading && !asked.refreshing && hits.length === 0;
  const announced = asked.problem || query === '' || asked.loading ? '' : t('search.found', { count: hits.length });
  return (
    <div
      className="search"
      role="search"
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return;
        setOpen(false);
        onLeave();
      }}
    >
      <label className="search-box">
        <Icon name="search" />
        <input
          {...combobox.input}
          ref={input}
          className="grow"
          aria-label={t('search')}
          placeholder={t('search')}
          value={text}
          onFocus={() => {
            setOpen(true);
            // Without the server it can't come; nothing can be found either.
            loadOptions().then(setLook, () => undefined);
          }}
          onChange={(event) => {
            setText(event.target.value);
            setOpen(true);
            combobox.reset();
          }}
        />
        <kbd className="kbd wide-only" aria-hidden="true" translate="no">
          /
        </kbd>
        <Button kind="quiet" small className="search-close" icon="cross" label={t('search.close')} onClick={leave} />
      </label>
      <span className="unseen" role="status">
        {open && announced}
      </span>
      {open && text.trim() !== '' && (
        <div className="search-results">
          {asked.problem?.kind === 'failed' && (
            <p className="pad small bad">{t('search.failed', { reason: asked.problem.message })}</p>
          )}
          {nothing && (
            <div className="pad">
              <p className="bold">{t.rich('search.nothing', { query: <span translate="no">{query}</span> })}</p>
              <p className="small t2">{t('search.nothing.hint')}</p>
            </div>
          )}
          <div {...combobox.list}>
            {options.map((option, index) => (
              <div key={option.key} role="presentation">
                {option.group !== null && (index === 0 || options[index - 1]?.group !== option.group) && (
                  <div className="search-group small t3" role="presentation">
                    {t(`search.${option.group}`)}
                  </div>
                )}
                <div
                  {...combobox.option(index)}
                  className={classes('search-option', index === combobox.active && 'active')}
                >
                  {option.content}
                </div>
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}
