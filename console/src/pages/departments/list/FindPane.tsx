import { useDeferredValue, useEffect, useId, useImperativeHandle, useMemo, useRef, useState, type ReactNode, type Ref } from 'react';
import { useFormats, useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Loading } from '../../../ui/Loading';
import { Panel } from '../../../ui/Panel';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { useStable } from '../../../ui/useStable';
import { messages } from '../messages';
import { SearchField, type FieldHandle } from './SearchField';
import { useFound } from './useFound';
import { useListKeys } from './useListKeys';
import { useMembers, type Member } from './useMembers';
import { VirtualList, type ListHandle } from './VirtualList';

/** What a department's people are listed under. */
export interface ListedDepartment {
  deptId: string;
  name: string;
  state: 'ACTIVE' | 'HELD' | 'GONE';
  childCount: number;
  memberCount: number;
  totalMemberCount: number;
}

/** What the live feed does with the list of people. */
export interface MembersHandle {
  focusField: () => void;
  /** Somebody joined, left or moved: the list is asked for again, at once where it stands at its beginning. */
  changed: (people: number) => void;
  /** What is shown of people changed. */
  patch: (people: ReadonlyMap<string, Partial<Member['user']>>) => void;
  isAbout: (deptIds: readonly string[]) => boolean;
}

/** The search box; below it what it finds or, where nothing is searched for, a department's people. */
export function FindPane({
  ref,
  query,
  onQuery,
  deptId,
  department,
  openUser,
  openDepartment,
  asOf,
  onPerson,
  onDepartment,
  onShow,
  onEscape,
  head,
  home,
}: {
  ref: Ref<MembersHandle>;
  query: string;
  onQuery: (query: string) => void;
  deptId: string | null;
  /** Null: nobody knows it; undefined: not answered yet. */
  department: ListedDepartment | null | undefined;
  openUser: string | null;
  /** The department whose card is open. */
  openDepartment: string | null;
  asOf: string | null;
  onPerson: (userId: string) => void;
  onDepartment: (deptId: string) => void;
  /** Shows a department in the tree, and opens the person. */
  onShow: (deptId: string, userId: string | null) => void;
  /** Esc where there is nothing more to close. */
  onEscape: () => boolean;
  /** Above the people: whose they are, and whether those below are listed, too. */
  head: (deep: boolean, onDeep: (deep: boolean) => void) => ReactNode;
  /** In a narrow window: what stands here instead of people until something is searched for. */
  home?: ReactNode;
}) {
  const t = useText(messages);
  const [deep, setDeep] = useState(false);
  const field = useRef<FieldHandle>(null);
  const list = useRef<ListHandle>(null);
  const listId = useId();
  const searching = query !== '';

  const found = useFound(query, asOf);
  const members = useMembers(deptId, deep, asOf, searching || home !== undefined);
  const [news, setNews] = useState({ list: '', people: 0 });
  const listed = `${deptId} ${deep}`;
  const waiting = news.list === listed ? news.people : 0;
  const reload = () => {
    setNews({ list: listed, people: 0 });
    members.again();
  };

  const shown = searching ? found : members;
  const choose = (key: string) => {
    const [kind, id = ''] = key.split(':');
    if (kind === 'more') found.more(key);
    else if (kind === 'd') onDepartment(id);
    else onPerson(id);
  };
  const keys = useListKeys({
    rows: shown.rows,
    onChoose: choose,
    onShow: (key) => {
      const [kind, id = ''] = key.split(':');
      const place = shown.departmentOf(key);
      if (place !== null) onShow(place, kind === 'u' ? id : null);
    },
    onEscape: () => field.current?.clear() || onEscape(),
  });

  // Enter that came before the results opens the first of them.
  const early = useRef<{ query: string; control: boolean } | null>(null);
  useEffect(() => {
    const wanted = early.current;
    if (wanted === null || wanted.query !== query || !found.answered) return;
    early.current = null;
    if (!found.failed) keys.chooseFirst(wanted.control);
  });

  useImperativeHandle(ref, () => ({
    focusField: () => field.current?.focus(),
    changed: (people) => {
      if (list.current?.isAtTop() ?? true) members.again();
      else setNews({ list: listed, people: waiting + people });
    },
    patch: (people) =>
      members.patch((member) => {
        const change = people.get(member.user.userId);
        return change ? { ...member, user: { ...member.user, ...change } } : member;
      }),
    isAbout: (deptIds) => deptId !== null && (deep || deptIds.includes(deptId)),
  }));

  const openKey = openUser !== null ? `u:${openUser}` : openDepartment !== null ? `d:${openDepartment}` : null;
  const chosen = shown.rows.find(({ key }) => key === openKey || key.startsWith(`${openKey}:`))?.key ?? null;
  const activeId = keys.active >= 0 ? `${listId}-${keys.active}` : undefined;
  const hasRows = shown.rows.length > 0;

  // Rows are rendered when there is time for it: a key that is pressed while results come doesn't wait for them.
  const { rows, render } = shown;
  const toDraw = useMemo(
    () => ({
      key: searching ? 'found' : listed,
      memory: searching ? `q ${query}` : listed,
      name: searching ? t('find.results') : t('members.of', { name: department?.name ?? '' }),
      rows,
      render,
    }),
    [searching, listed, query, t, department?.name, rows, render],
  );
  const drawn = useDeferredValue(toDraw);
  const onChoose = useStable(keys.choose);
  const onListKey = useStable(keys.listKeys);
  const onEnd = useStable(() => {
    if (!searching) members.next();
  });
  return (
    <>
      <div className="pane-bar" role="search" aria-label={t('find')}>
        <SearchField
          ref={field}
          query={query}
          onQuery={(next) => {
            keys.reset();
            if (early.current?.query !== next) early.current = null;
            onQuery(next);
          }}
          answered={!searching ? '' : found.answered ? query : null}
          onEarlyEnter={(next, control) => (early.current = { query: next, control })}
          listId={listId}
          activeId={activeId}
          expanded={hasRows}
          onKeyDown={keys.fieldKeys}
        />
      </div>
      {searching ? (
        <Announced found={found} />
      ) : (
        (home ?? head(deep, setDeep))
      )}
      {waiting > 0 && !searching && (
        <div className="list-new small" role="status">
          <span className="grow">{t('members.changed', { count: waiting })}</span>
          <Button kind="quiet" small icon="sync" onClick={reload}>
            {t('members.reload')}
          </Button>
        </div>
      )}
      {(searching || home === undefined) && (
        <>
          {shown.problem && !hasRows ? (
            <ProblemPanel problem={shown.problem} what={t(searching ? 'find.failed' : 'members.failed')} again={shown.again} />
          ) : hasRows ? (
            <VirtualList
              key={drawn.key}
              ref={list}
              id={listId}
              memory={drawn.memory}
              name={drawn.name}
              rows={drawn.rows}
              render={drawn.render}
              chosen={chosen}
              active={keys.active}
              onChoose={onChoose}
              onKeyDown={onListKey}
              onEnd={onEnd}
            />
          ) : searching ? (
            <NothingFound query={query} found={found} asOf={asOf} />
          ) : (
            <Nobody department={department} members={members} onDeep={() => setDeep(true)} />
          )}
          <Foot searching={searching} members={members} asOf={asOf} shown={hasRows} />
        </>
      )}
    </>
  );
}

type Found = ReturnType<typeof useFound>;

/** Screen readers hear how many there are; those who see them see them. */
function Announced({ found }: { found: Found }) {
  const t = useText(messages);
  const { people, departments, loading, problem } = found;
  return (
    <span className="unseen" role="status">
      {loading || problem ? '' : t(found.isPart ? 'find.announced.more' : 'find.announced', { people, departments })}
    </span>
  );
}

function NothingFound({ query, found, asOf }: { query: string; found: Found; asOf: string | null }) {
  const t = useText(messages);
  if (!found.nothing) return <Loading lines={6} />;
  return (
    <Panel icon="search" title={t.rich('find.nothing', { query: <span translate="no">{query}</span> })}>
      {t(asOf === null ? 'find.nothing.text' : 'find.nothing.then')}
    </Panel>
  );
}

function Nobody({
  department,
  members,
  onDeep,
}: {
  department: ListedDepartment | null | undefined;
  members: ReturnType<typeof useMembers>;
  onDeep: () => void;
}) {
  const t = useText(messages);
  if (department === null || members.missing) {
    return (
      <Panel icon="question" title={t('department.missing')}>
        {t('department.missing.text')}
      </Panel>
    );
  }
  if (members.items === undefined || department === undefined) return <Loading lines={6} />;
  if (department.state === 'GONE') {
    return <Panel title={t('members.gone')}>{t('members.gone.text')}</Panel>;
  }
  if (department.totalMemberCount > 0) {
    return (
      <Panel title={t('members.none')} action={<Button onClick={onDeep}>{t('members.none.button')}</Button>}>
        {t('members.none.text', { count: department.totalMemberCount })}
      </Panel>
    );
  }
  return <Panel title={t('members.empty')}>{t('members.empty.text')}</Panel>;
}

/** The keys, and what the list has. */
function Foot({
  searching,
  members,
  asOf,
  shown,
}: {
  searching: boolean;
  members: ReturnType<typeof useMembers>;
  asOf: string | null;
  shown: boolean;
}) {
  const t = useText(messages);
  const { number } = useFormats();
  const key = (name: string) => (
    <kbd className="kbd" translate="no">
      {name}
    </kbd>
  );
  const loaded = members.items?.length ?? 0;
  return (
    <footer className="pane-foot small t3">
      {shown && (
        <span className="wide-only keys-hint">
          <span>{t.rich('keys.move', { key: key('↑↓') })}</span>
          <span>{t.rich('keys.open', { key: key('Enter') })}</span>
          <span>{t.rich('keys.show', { key: key('Ctrl Enter') })}</span>
        </span>
      )}
      <span className="end nowrap">
        {searching
          ? asOf === null && t('find.goneToo')
          : members.more && t('members.loaded', { loaded: number(loaded), total: number(members.total ?? 0) })}
      </span>
    </footer>
  );
}
