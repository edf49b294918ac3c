import { Suspense, useCallback, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { useAsk, usePermission } from '../../data';
import { useReturns } from '../../data/connection';
import { useText } from '../../i18n';
import { Button, LinkButton } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Checkbox } from '../../ui/fields';
import { Loading } from '../../ui/Loading';
import { Panel } from '../../ui/Panel';
import { RecordPill } from '../../ui/RecordPill';
import { RelativeTime } from '../../ui/RelativeTime';
import { useMedia } from '../../ui/useMedia';
import type { Address } from './address';
import { useAsker } from './asking';
import { DepartmentCard } from './card/DepartmentCard';
import { PersonCard } from './card/PersonCard';
import { Head } from './Head';
import { FindPane, type ListedDepartment, type MembersHandle } from './list/FindPane';
import { useDirectoryLive, type LiveChange } from './live';
import { messages } from './messages';
import { DayPicker } from './past/DayPicker';
import { momentOf } from './past/moment';
import { PastNote } from './past/PastNote';
import { DepartmentCardQuery, DirectoryHeadQuery, DirectoryThenQuery, PersonCardQuery } from './queries';
import { DepartmentTree } from './tree/DepartmentTree';
import { Tree, type TreeHandle } from './tree/Tree';

const COMPANY = '1';
/** Milliseconds between two looks at what people's moves did to the counts. */
const COUNTS_EVERY = 2_000;
/** And between two times that the list is asked for again. */
const LIST_EVERY = 500;

/** The page at one moment, now or of the past. */
export function Directory({ address }: { address: Address }) {
  const t = useText(messages);
  const { place, go, back } = address;
  const asOf = useMemo(() => (place.asOf === null ? null : momentOf(place.asOf)), [place.asOf]);
  const panes = usePanes();

  const tree = useTree(asOf);
  const top = useSyncExternalStore(tree.subscribe, () => tree.rows()[0]?.key ?? COMPANY);
  const treeHandle = useRef<TreeHandle>(null);
  const list = useRef<MembersHandle>(null);

  const person = useAsk(PersonCardQuery, {
    variables: {
      userId: place.user ?? '',
      asOf,
      contact: usePermission('directory:contact'),
      identities: usePermission('identity:read'),
      messages: usePermission('message:read'),
    },
    pause: place.user === null,
    keep: true,
  });
  const open = person.data?.user && person.data.user.userId === place.user ? person.data.user : null;
  // Where nobody chose a department it is the open person's, or else the company.
  const waiting = place.deptId === null && place.user !== null && open === null && (person.loading || person.refreshing);
  const deptId = place.deptId ?? (waiting ? null : (open?.primaryDepartment?.deptId ?? top));
  const identities = usePermission('identity:read');
  const department = useAsk(DepartmentCardQuery, {
    variables: { deptId: deptId ?? '', asOf, identities },
    pause: deptId === null,
    keep: true,
  });
  const shownDepartment = department.data?.department;

  const here = useMemo(() => {
    const memberships = open?.memberships?.nodes ?? [];
    return {
      places: new Set(memberships.map(({ department: { deptId: id } }) => id)),
      above: new Set(memberships.flatMap(({ department: { ancestors } }) => ancestors.map(({ deptId: id }) => id))),
    };
  }, [open]);

  // What is chosen is in sight in the tree, also where a link came from elsewhere.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (deptId === null || shown.current === deptId) return;
    shown.current = deptId;
    if (deptId !== top) void treeHandle.current?.show(deptId);
  }, [deptId, top]);

  const head = useAsk(DirectoryHeadQuery);
  const then = useAsk(DirectoryThenQuery, { variables: { asOf: asOf ?? '' }, pause: asOf === null });
  const countsDue = useThrottled(COUNTS_EVERY, () => {
    void tree.refreshRows(treeHandle.current?.inSight() ?? []);
    head.again();
  });
  const news = useRef(0);
  const listDue = useThrottled(LIST_EVERY, () => {
    list.current?.changed(news.current);
    news.current = 0;
  });
  const live = useDirectoryLive({
    cursor: head.data ? (head.data.newest?.pageInfo.endCursor ?? null) : undefined,
    pause: asOf !== null,
    onChanges: (changes) => {
      follow(tree, changes);
      const { moved, joinedOrLeft } = tellList(changes, list.current);
      news.current += joinedOrLeft;
      if (joinedOrLeft > 0) listDue();
      if (moved || changes.some(({ entity }) => entity === 'DEPARTMENT')) countsDue();
      if (changes.some(({ entity, entityId }) => entity === 'USER' && entityId === place.user)) person.again();
      if (changes.some(({ entity, entityId }) => entity === 'DEPARTMENT' && entityId === deptId)) department.again();
    },
    onGap: () => {
      head.again();
      person.again();
      department.again();
      void tree.reloadAll();
      list.current?.changed(0);
    },
  });
  const oldestAt = head.data?.oldest?.nodes[0]?.at;
  const oldest = useMemo(() => (oldestAt ? new Date(oldestAt) : null), [oldestAt]);

  const openPerson = useCallback(
    (userId: string) => go({ user: userId, about: false }, { replace: (left) => left.user !== null }),
    [go],
  );
  const openDepartment = useCallback(
    (id: string) => go({ deptId: id, user: null, about: panes === 1 }),
    [go, panes],
  );
  const chooseInTree = useCallback((id: string) => go({ deptId: id, q: '', user: null, about: false }), [go]);
  const setQuery = useCallback(
    (q: string) => {
      if (q === '') back({ q });
      else go({ q, about: false }, { replace: (left) => left.q !== '' });
    },
    [go, back],
  );
  const showInTree = useCallback(
    (id: string, userId: string | null) => {
      if (panes === 1) go({ deptId: null, q: '', user: null, about: false });
      else if (userId !== null) openPerson(userId);
      // In a narrow window the tree is there only then.
      requestAnimationFrame(() => void treeHandle.current?.show(id, true));
    },
    [go, openPerson, panes],
  );
  const escape = useCallback((): boolean => {
    if (place.user === null) return false;
    back({ user: null });
    return true;
  }, [back, place.user]);

  const screen = screenOf(address, panes);
  const picker = <DayPicker day={place.asOf} oldest={oldest} onDay={(day) => go({ asOf: day })} />;
  const treePane = (
    <>
      <div className="pane-bar">
        <h2 className="grow">{t('tree.title')}</h2>
        {picker}
      </div>
      <Tree ref={treeHandle} tree={tree} chosen={place.deptId ?? deptId} here={here} onChoose={chooseInTree} name={t('tree.title')} />
      <TreeFoot departments={asOf === null ? head.data?.mirror?.departmentCount : then.data?.departments?.totalCount} person={open?.name} />
    </>
  );
  // What a card waits for hides the card alone.
  const card = (
    <Suspense fallback={<Loading lines={8} />}>
      {place.user !== null ? (
        <PersonCard asked={person} userId={place.user} address={address} onShow={(id) => showInTree(id, null)} />
      ) : (
        <DepartmentCard asked={department} deptId={deptId} address={address} onShow={(id) => showInTree(id, null)} />
      )}
    </Suspense>
  );
  const find = (
    <FindPane
      ref={list}
      query={place.q}
      onQuery={setQuery}
      deptId={deptId}
      department={department.loading ? undefined : (shownDepartment ?? null)}
      openUser={place.user}
      openDepartment={place.user === null ? place.deptId : null}
      asOf={asOf}
      onPerson={openPerson}
      onDepartment={openDepartment}
      onShow={showInTree}
      onEscape={escape}
      head={(deep, onDeep) => (
        <MembersHead address={address} department={shownDepartment} panes={panes} deep={deep} onDeep={onDeep} />
      )}
      home={screen === 'home' ? treePane : undefined}
    />
  );

  const now = () => go({ asOf: null });
  const narrow = panes === 1;
  const tooOld = asOf !== null && oldest !== null && new Date(asOf) < oldest;
  const panesNow = (
    <div className={`panes panes-${panes}`}>
      {panes > 1 && <section className="pane" aria-label={t('tree.title')}>{treePane}</section>}
      {screen !== 'card' && <section className="pane" aria-label={t('list.title')}>{find}</section>}
      {panes === 3 && (
        <section className="pane pane-card" aria-label={t('card.title')} tabIndex={-1}>
          {card}
        </section>
      )}
      {screen === 'card' && (
        <section className="pane pane-card" aria-label={t('card.title')}>
          <div className="pane-back">
              <BackButton onBack={() => back({ user: null, about: false })}>
                {t(place.q === '' ? 'back' : 'back.results')}
              </BackButton>
            </div>
          {card}
        </section>
      )}
    </div>
  );

  return (
    <>
      <Head
        people={asOf === null ? head.data?.mirror?.userCount : then.data?.users?.totalCount}
        departments={asOf === null ? head.data?.mirror?.departmentCount : then.data?.departments?.totalCount}
        live={
          asOf === null && head.data && !(narrow && live.running)
            ? { running: live.running, lastAt: live.lastAt ?? head.data.newest?.nodes[0]?.at ?? null }
            : null
        }
      />
      {place.asOf !== null && <PastNote day={place.asOf} onNow={now} />}
      {tooOld ? <TooOld oldest={oldest} onNow={now} /> : asOf !== null && head.loading ? <Loading lines={8} /> : panesNow}

      {panes === 2 && (
        <Dialog
          drawer
          open={place.user !== null || place.about}
          onClose={() => (place.user !== null || place.about) && back({ user: null, about: false })}
          title={t(place.user !== null ? 'card.person' : 'card.department')}
        >
          <div className="card-drawer">{card}</div>
        </Dialog>
      )}
    </>
  );
}

/** Before a moment nothing is known. */
function TooOld({ oldest, onNow }: { oldest: Date; onNow: () => void }) {
  const t = useText(messages);
  return (
    <div className="card">
      <Panel icon="clock" title={t('past.tooOld.title')} action={<Button onClick={onNow}>{t('past.now')}</Button>}>
        <p className="t2">{t.rich('past.tooOld.text', { when: <RelativeTime at={oldest} as="moment" /> })}</p>
      </Panel>
    </div>
  );
}

/** How many panes fit beside each other. */
function usePanes(): 1 | 2 | 3 {
  const narrow = useMedia('(max-width: 767px)');
  const middle = useMedia('(max-width: 1300px)');
  return narrow ? 1 : middle ? 2 : 3;
}

/** Of one pane a screen: which one it is. */
function screenOf({ place }: Address, panes: 1 | 2 | 3): 'all' | 'home' | 'list' | 'card' {
  if (panes > 1) return 'all';
  if (place.user !== null || place.about) return 'card';
  return place.deptId === null ? 'home' : 'list';
}

/** The tree of a moment, as long as the page is there. */
function useTree(asOf: string | null): DepartmentTree {
  const ask = useAsker();
  const tree = useMemo(() => new DepartmentTree(ask, asOf), [ask, asOf]);
  useEffect(() => {
    tree.begin();
    return () => tree.end();
  }, [tree]);

  // What failed while the server was away is asked for again.
  const returns = useReturns();
  const seen = useRef(returns);
  useEffect(() => {
    if (seen.current === returns) return;
    seen.current = returns;
    tree.begin();
    void tree.reloadAll();
  }, [tree, returns]);
  return tree;
}

/** Not more often than so; the last call isn't lost. */
function useThrottled(wait: number, work: () => void): () => void {
  const latest = useRef(work);
  latest.current = work;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, wait);
  }, [wait]);
}

/** What changes of departments mean for the tree: rows say it, and levels that somebody left or joined are read again. */
function follow(tree: DepartmentTree, changes: readonly LiveChange[]): void {
  const touched: string[] = [];
  for (const { department, fields } of changes) {
    if (!department) continue;
    tree.put(department, fields.some(({ field }) => field === 'order' || field === 'parentId'));
    touched.push(department.deptId);
  }
  if (touched.length > 0) {
    tree.flash(touched);
    void tree.refreshStale();
  }
}

/** What changes of people mean: rows say it; whether counts of departments changed, and how many joined or left the list. */
function tellList(changes: readonly LiveChange[], list: MembersHandle | null): { moved: boolean; joinedOrLeft: number } {
  const people = changes.filter(({ entity }) => entity === 'USER');
  if (people.length === 0) return { moved: false, joinedOrLeft: 0 };

  const moves = people.filter(({ kind, fields }) => kind !== 'UPDATED' || fields.some(({ field }) => field === 'memberships'));
  const here = moves.filter(({ kind, user, fields }) => {
    // Of whoever left nobody says where they were.
    if (kind === 'REMOVED') return true;
    const before = fields.find(({ field }) => field === 'memberships')?.before;
    const former = Array.isArray(before) ? before.map(({ deptId }: { deptId: unknown }) => String(deptId)) : [];
    return list?.isAbout([...former, ...(user?.departments ?? []).map(({ deptId }) => deptId)]);
  });
  list?.patch(
    new Map(
      people.flatMap(({ user }) =>
        user ? [[user.userId, { name: user.name, title: user.title, jobNumber: user.jobNumber, state: user.state }]] : [],
      ),
    ),
  );
  return { moved: moves.length > 0, joinedOrLeft: here.length };
}

/** Whose people are listed, and whether those below are, too. */
function MembersHead({
  address,
  department,
  panes,
  deep,
  onDeep,
}: {
  address: Address;
  department: ListedDepartment | null | undefined;
  panes: 1 | 2 | 3;
  deep: boolean;
  onDeep: (deep: boolean) => void;
}) {
  const t = useText(messages);
  const { place, to, back } = address;
  const about = department && (
    <LinkButton
      kind="quiet"
      small
      icon="info"
      label={panes === 1 ? undefined : t('card.department')}
      href={to({ deptId: department.deptId, user: null, about: panes < 3 })}
    >
      {panes === 1 && t('card.department')}
    </LinkButton>
  );
  return (
    <>
      {panes === 1 && (
        <div className="pane-back">
          <BackButton onBack={() => back({ deptId: null, q: '' })}>{t('back.tree')}</BackButton>
          {about}
        </div>
      )}
      {department && (
        <div className="pane-line">
          <h2 className="clip" translate="no">
            {department.name}
          </h2>
          <RecordPill state={department.state} unlessActive />
          <span className="small t3 nowrap grow">{t('members.direct', { count: department.memberCount })}</span>
          {department.childCount > 0 && (
            <span className="small t2 nowrap">
              <Checkbox checked={deep} onChange={onDeep}>
                {t('members.deep', { count: department.totalMemberCount })}
              </Checkbox>
            </span>
          )}
          {(panes === 2 || (panes === 3 && place.user !== null)) && about}
        </div>
      )}
    </>
  );
}

function BackButton({ onBack, children }: { onBack: () => void; children: ReactNode }) {
  return (
    <Button kind="quiet" small icon="left" onClick={onBack}>
      {children}
    </Button>
  );
}

/** How many departments there are, and whose places the dots are. */
function TreeFoot({ departments, person }: { departments: number | null | undefined; person: string | undefined }) {
  const t = useText(messages);
  return (
    <footer className="pane-foot small t3">
      {departments != null && <span className="nowrap">{t('departments', { count: departments })}</span>}
      {person !== undefined && (
        <span className="end clip">{t.rich('tree.dots', { name: <span translate="no">{person}</span> })}</span>
      )}
    </footer>
  );
}
