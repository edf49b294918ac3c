import './search.css';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useAsk, usePermission } from '../../data';
import type { SearchBoxQuery as Found } from '../../generated/graphql';
import { useText } from '../../i18n';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { Highlight } from '../../ui/Highlight';
import { Icon } from '../../ui/Icon';
import { RecordPill } from '../../ui/RecordPill';
import { useCombobox } from '../../ui/useCombobox';
import { useDebounced } from '../../ui/useDebounced';
import { messages } from '../messages';
import { SearchBoxQuery } from './queries';

type Hit = NonNullable<Found['search']>['nodes'][number];

/** A message's global id, as other systems log it. */
const MESSAGE_ID = /^[A-Za-z0-9_-]{16,}={0,2}$/;

interface Option {
  key: string;
  group: 'people' | 'departments' | null;
  href: string;
  content: ReactNode;
}

/** Finds people, departments and messages from any page. */
export function SearchBox({ open: narrowOpen, onLeave }: { open: boolean; onLeave: () => void }) {
  const t = useText(messages);
  const [, go] = useLocation();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const mayRead = usePermission('directory:read');
  const mayReadMessages = usePermission('message:read');

  const query = useDebounced(text.trim(), 90);
  const asked = useAsk(SearchBoxQuery, {
    variables: { query },
    pause: query === '' || !mayRead,
    policy: 'cache-first',
    keep: true,
  });
  const hits = query === '' ? [] : (asked.data?.search?.nodes ?? []);
  const options = text.trim() === '' ? [] : optionsOf(hits, text.trim(), mayReadMessages, t);

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
          onFocus={() => setOpen(true)}
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

type SayShell = ReturnType<typeof useText<typeof import('../messages.zh').default>>;

function optionsOf(hits: readonly Hit[], text: string, messagesToo: boolean, t: SayShell): Option[] {
  const people = hits.flatMap((hit): Option[] => {
    if (hit.item.__typename !== 'User') return [];
    const { userId } = hit.item;
    const href = `/departments?user=${encodeURIComponent(userId)}`;
    return [{ key: `u${userId}`, group: 'people', href, content: <Person hit={hit} /> }];
  });
  const departments = hits.flatMap((hit): Option[] => {
    if (hit.item.__typename !== 'Department') return [];
    const { deptId } = hit.item;
    return [{ key: `d${deptId}`, group: 'departments', href: `/departments/${deptId}`, content: <Department hit={hit} /> }];
  });

  const data = <span translate="no">{text}</span>;
  const rest: Option[] = [];
  if (messagesToo && hits.length === 0 && MESSAGE_ID.test(text)) {
    rest.push({
      key: 'message',
      group: null,
      href: `/messages/${encodeURIComponent(text)}`,
      content: (
        <>
          <Icon name="messages" />
          <span className="clip">{t.rich('search.message', { id: data })}</span>
        </>
      ),
    });
  }
  if (hits.length > 0) {
    rest.push({
      key: 'all',
      group: null,
      href: `/departments?q=${encodeURIComponent(text)}`,
      content: (
        <>
          <Icon name="search" />
          <span className="clip">{t.rich('search.all', { query: data })}</span>
        </>
      ),
    });
  }
  return [...people, ...departments, ...rest];
}

function rangesOf(hit: Hit, field: string) {
  return hit.matches.filter((match) => match.field === field);
}

function Person({ hit }: { hit: Hit }) {
  if (hit.item.__typename !== 'User') return null;
  const { name, title, jobNumber, state } = hit.item;
  const numberRanges = rangesOf(hit, 'JOB_NUMBER');
  return (
    <>
      <Avatar name={name} />
      <span className="grow">
        <span className="row">
          <b>
            <Highlight text={name} ranges={rangesOf(hit, 'NAME')} />
          </b>
          {title && (
            <span className="small t2 clip">
              <Highlight text={title} ranges={rangesOf(hit, 'TITLE')} />
            </span>
          )}
          {jobNumber && numberRanges.length > 0 && (
            <span className="small t2 num">
              <Highlight text={jobNumber} ranges={numberRanges} />
            </span>
          )}
        </span>
        <Path names={hit.departmentPath} />
      </span>
      <RecordPill state={state} unlessActive />
    </>
  );
}

function Department({ hit }: { hit: Hit }) {
  const t = useText(messages);
  if (hit.item.__typename !== 'Department') return null;
  const { name, state, totalMemberCount } = hit.item;
  return (
    <>
      <span className="search-tile">
        <Icon name="departments" />
      </span>
      <span className="grow">
        <b>
          <Highlight text={name} ranges={rangesOf(hit, 'NAME')} />
        </b>
        <Path names={hit.departmentPath} />
      </span>
      <RecordPill state={state} unlessActive />
      <span className="small t2 nowrap num">{t('search.count', { count: totalMemberCount })}</span>
    </>
  );
}

/** Where it is in the tree; the company itself goes without saying. */
function Path({ names }: { names: readonly string[] }) {
  const shown = names.length > 1 ? names.slice(1) : names;
  return (
    <span className="small t3 path" translate="no">
      {shown.join(' / ')}
    </span>
  );
}
