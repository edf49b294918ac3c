import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAsk, usePermission, useSession } from '../../../data';
import { useFormats, useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/fields';
import { messages as components } from '../../../ui/messages';
import { Popover } from '../../../ui/Popover';
import { countsByGroup, RECIPIENT_GROUPS } from '../../../ui/recipientStates';
import { messages } from '../messages';
import { LedgerPersonQuery } from '../queries';
import type { Ledgers } from './filter';

/** The groups with what they count, the day, the caller. All of it is in the address. */
export function Filters({
  ledgers,
  counts,
  total,
  id,
}: {
  ledgers: Ledgers;
  /** Undefined until they are known. */
  counts: readonly { state: string; count: number }[] | null | undefined;
  total: number | null | undefined;
  id: string | null;
}) {
  const t = useText(messages);
  const ui = useText(components);
  const { number } = useFormats();
  const { filter, href } = ledgers;
  const path = id === null ? '/messages' : `/messages/${id}`;
  return (
    <div className="ledger-filters" role="group" aria-label={t('filters')}>
      <Link className="chip" href={href(path, { group: null })} aria-current={filter.group === null ? 'true' : undefined}>
        {t('filters.all')} <b className="num">{total == null ? '…' : t('filters.messages', { count: total })}</b>
      </Link>
      {countsByGroup(counts ?? []).map(([group, count]) => (
        <Link
          key={group}
          className="chip"
          href={href(path, { group: filter.group === group ? null : group })}
          aria-current={filter.group === group ? 'true' : undefined}
          title={counts ? t('filters.group', { group: ui(`group.${group}`), count }) : undefined}
        >
          <span className={`dot fill-${RECIPIENT_GROUPS[group]}`} />
          {ui(`group.${group}`)} <b className="num">{counts ? number(count) : '…'}</b>
        </Link>
      ))}
      <div className="ledger-filters-end">
        {filter.user && <PersonChip userId={filter.user} href={href(path, { user: '' })} />}
        <DayFilter ledgers={ledgers} path={path} />
        <CallerFilter ledgers={ledgers} path={path} />
      </div>
    </div>
  );
}

/** Only messages to one person; pressed, it is no filter any more. */
function PersonChip({ userId, href }: { userId: string; href: string }) {
  const t = useText(messages);
  const [, go] = useLocation();
  const mayRead = usePermission('directory:read');
  const asked = useAsk(LedgerPersonQuery, { variables: { userId }, pause: !mayRead });
  const name = <span translate="no">{asked.data?.user?.name ?? userId}</span>;
  return (
    <span className="chip chosen">
      <span className="clip">{t.rich('filters.person', { name })}</span>
      <Button kind="quiet" small icon="cross" label={t('filters.person.off')} onClick={() => go(href)} />
    </span>
  );
}

function DayFilter({ ledgers, path }: { ledgers: Ledgers; path: string }) {
  const t = useText(messages);
  const formats = useFormats();
  const [, go] = useLocation();
  const { filter, href, today } = ledgers;
  const chosen = /^\d{4}-/.test(filter.day) ? filter.day : '';
  const named: Record<string, string> = {
    '': t('day.today'),
    '7d': t('day.days', { days: 7 }),
    '30d': t('day.days', { days: 30 }),
    all: t('day.all'),
  };
  const text = named[filter.day] ?? (chosen ? formats.day(new Date(`${chosen}T00:00`)) : named['']);
  return (
    <Popover name={t('day')} align="end" icon="calendar" text={text} className="chip">
      {(close) => (
        <div className="col gap4 ledger-days">
          {Object.entries(named).map(([day, name]) => (
            <Link
              key={day}
              className="menu-item"
              href={href(path, { day })}
              aria-current={filter.day === day ? 'true' : undefined}
              data-autofocus={filter.day === day || undefined}
              onClick={close}
            >
              {name}
            </Link>
          ))}
          <TextField
            label={t('day.one')}
            type="date"
            max={today}
            value={chosen}
            onChange={(day) => {
              if (day) go(href(path, { day }));
            }}
          />
        </div>
      )}
    </Popover>
  );
}

function CallerFilter({ ledgers, path }: { ledgers: Ledgers; path: string }) {
  const t = useText(messages);
  const [, go] = useLocation();
  const { subject } = useSession();
  const { filter, href } = ledgers;
  const text =
    filter.caller === '' ? t('caller.all') : filter.caller === 'me' ? t('caller.me') : <span translate="no">{filter.caller}</span>;
  return (
    <Popover name={t('caller')} align="end" icon="code" text={text} className="chip">
      {(close) => (
        <div className="col gap4 ledger-days">
          {['', 'me'].map((caller) => (
            <Link
              key={caller}
              className="menu-item"
              href={href(path, { caller })}
              aria-current={filter.caller === caller ? 'true' : undefined}
              data-autofocus={filter.caller === caller || undefined}
              onClick={close}
            >
              {caller === '' ? t('caller.all') : t('caller.me')}
              {caller === 'me' && subject && (
                <span className="small t3" translate="no">
                  {subject}
                </span>
              )}
            </Link>
          ))}
          <OtherCaller
            value={filter.caller === 'me' ? '' : filter.caller}
            onChoose={(caller) => {
              close();
              go(href(path, { caller }));
            }}
          />
        </div>
      )}
    </Popover>
  );
}

/** Callers are the tokens' subjects; which there are nobody lists. */
function OtherCaller({ value, onChoose }: { value: string; onChoose: (caller: string) => void }) {
  const t = useText(messages);
  const [caller, setCaller] = useState(value);
  return (
    <form
      className="col gap8"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(caller.trim());
      }}
    >
      <TextField label={t('caller.one')} hint={t('caller.hint')} value={caller} onChange={setCaller} />
      <Button type="submit" small>
        {t('caller.show')}
      </Button>
    </form>
  );
}
