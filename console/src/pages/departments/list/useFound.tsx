import { useMemo, useState, type ReactNode } from 'react';
import { useAsk, usePermission, type Problem } from '../../../data';
import type { FindGoneQuery as Gone, FindQuery as Found, FindThenQuery as Then } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { rangesOf, type Match } from '../../../shared/find';
import type { Range } from '../../../ui/Highlight';
import { useDebounced } from '../../../ui/useDebounced';
import { messages } from '../messages';
import { FindGoneQuery, FindQuery, FindThenQuery } from '../queries';
import { DepartmentRow, PersonRow, type PersonFacts } from './rows';
import type { ListRow } from './VirtualList';

const PEOPLE = 20;
const DEPARTMENTS = 10;
const LARGEST = 500;
/** Milliseconds that a search has to stay before those who are gone are searched, too: they cost more. */
const GONE_AFTER = 400;

/** A hit, whatever asked for it. */
interface PersonHit {
  person: PersonFacts & { email?: string | null; orgEmail?: string | null; mobile?: string | null };
  deptId: string | null;
  path: readonly string[];
  matches: readonly Match[];
}
interface DepartmentHit {
  deptId: string;
  name: string;
  state: PersonFacts['state'];
  people: number;
  path: readonly string[];
  matches: readonly Match[];
}

/** What was found, as rows. */
export interface FoundRows {
  rows: readonly ListRow[];
  render: (index: number) => ReactNode;
  /** The department in which a row stands, or which it is. */
  departmentOf: (key: string) => string | null;
  /** A `more` row was chosen. */
  more: (key: string) => void;
  problem: Problem | null;
  again: () => void;
  /** Nothing was answered yet. */
  loading: boolean;
  people: number;
  departments: number;
  /** More than are shown. */
  isPart: boolean;
  /** The rows are what this query found, and not what a former one did. */
  answered: boolean;
  /** This query has no answer, whatever rows there are. */
  failed: boolean;
  /** Everything was answered, and there is nothing. */
  nothing: boolean;
}

/** People and departments that match what is typed; the former ones stay until there are others. */
export function useFound(query: string, asOf: string | null): FoundRows {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  const [limits, setLimits] = useState({ query, people: PEOPLE, departments: DEPARTMENTS });
  const { people: most, departments: mostDepartments } =
    limits.query === query ? limits : { people: PEOPLE, departments: DEPARTMENTS };

  const now = useAsk(FindQuery, {
    variables: { query, people: most, departments: mostDepartments, contact },
    pause: query === '' || asOf !== null,
    policy: 'cache-and-network',
    keep: true,
  });
  const then = useAsk(FindThenQuery, {
    variables: { query, people: most, departments: mostDepartments, asOf: asOf ?? '' },
    pause: query === '' || asOf === null,
    policy: 'cache-first',
    keep: true,
  });
  const settled = useDebounced(query, GONE_AFTER);
  const gone = useAsk(FindGoneQuery, {
    variables: { query: settled, asOf },
    pause: settled === '' || settled !== query,
    policy: 'cache-first',
  });

  const asked = asOf === null ? now : then;
  const { people, departments, morePeople, moreDepartments } = useMemo(
    () => (asOf === null ? hitsNow(now.data) : hitsThen(then.data, most, mostDepartments)),
    [asOf, now.data, then.data, most, mostDepartments],
  );
  const left = useMemo(() => hitsGone(settled === query ? gone.data : undefined), [gone.data, settled, query]);

  const built = useMemo(() => {
    const rows: ListRow[] = [];
    const contents = new Map<string, () => ReactNode>();
    const places = new Map<string, string | null>();
    const put = (kind: ListRow['kind'], key: string, content: () => ReactNode, deptId: string | null = null) => {
      rows.push({ kind, key });
      contents.set(key, content);
      places.set(key, deptId);
    };
    const putPerson = (hit: PersonHit) => {
      const { person, deptId, path, matches } = hit;
      const content = () => <PersonRow person={person} path={path} matches={matches} extra={extraOf(hit)} />;
      put('item', `u:${person.userId}`, content, deptId);
    };
    const putDepartment = ({ deptId, name, state, people: count, path, matches }: DepartmentHit) => {
      const content = () => <DepartmentRow name={name} state={state} people={count} path={path} matches={matches} />;
      put('item', `d:${deptId}`, content, deptId);
    };
    const count = (shown: number, more: boolean) => (more ? `${shown}+` : String(shown));

    if (people.length > 0) {
      put('heading', 'h:people', () => (
        <>
          <span>{t('find.people', { count: count(people.length, morePeople) })}</span>
          <span className="end wide-only">{t('find.order')}</span>
        </>
      ));
      people.forEach(putPerson);
      if (morePeople && people.length < LARGEST) put('more', 'more:people', () => t('find.people.more'));
    }
    if (departments.length > 0) {
      put('heading', 'h:departments', () => (
        <span>{t('find.departments', { count: count(departments.length, moreDepartments) })}</span>
      ));
      departments.forEach(putDepartment);
      if (moreDepartments && departments.length < LARGEST) put('more', 'more:departments', () => t('find.departments.more'));
    }
    if (left.people.length + left.departments.length > 0) {
      put('heading', 'h:gone', () => <span>{t('find.gone', { count: left.total })}</span>);
      left.people.forEach(putPerson);
      left.departments.forEach(putDepartment);
    }
    const render = (index: number) => contents.get(rows[index]?.key ?? '')?.();
    return { rows, render, places };
  }, [people, departments, morePeople, moreDepartments, left, t]);

  const settledNow = !asked.loading && !asked.refreshing && query !== '';
  return {
    rows: built.rows,
    render: built.render,
    departmentOf: (key) => built.places.get(key) ?? null,
    more: (key) => {
      const grown = (size: number) => Math.min(LARGEST, size + 100);
      setLimits({
        query,
        people: key === 'more:people' ? grown(most) : most,
        departments: key === 'more:departments' ? grown(mostDepartments) : mostDepartments,
      });
    },
    problem: asked.problem,
    again: asked.again,
    loading: asked.loading,
    people: people.length,
    departments: departments.length,
    isPart: morePeople || moreDepartments,
    answered: settledNow,
    failed: asked.problemAt(asOf === null ? 'people' : 'users') !== null,
    nothing: settledNow && !asked.problem && built.rows.length === 0 && !gone.loading && settled === query,
  };
}

interface Hits {
  people: PersonHit[];
  departments: DepartmentHit[];
  morePeople: boolean;
  moreDepartments: boolean;
}

function hitsNow(found: Found | undefined): Hits {
  return {
    people: (found?.people?.nodes ?? []).flatMap(({ item, matches, departmentPath }): PersonHit[] =>
      item.__typename === 'User'
        ? [{ person: item, matches, path: departmentPath, deptId: item.primaryDepartment?.deptId ?? null }]
        : [],
    ),
    departments: (found?.departments?.nodes ?? []).flatMap(({ item, matches, departmentPath }): DepartmentHit[] =>
      item.__typename === 'Department' ? [{ ...item, people: item.totalMemberCount, matches, path: departmentPath }] : [],
    ),
    morePeople: found?.people?.pageInfo.hasNextPage ?? false,
    moreDepartments: found?.departments?.pageInfo.hasNextPage ?? false,
  };
}

type Lists = Pick<NonNullable<Gone | Then>, 'users' | 'departments'>;

function hitsOfLists(found: Lists | undefined): Pick<Hits, 'people' | 'departments'> {
  return {
    people: (found?.users?.nodes ?? []).map((person) => ({
      person,
      matches: [],
      path: person.primaryDepartment?.path.map(({ name }) => name) ?? [],
      deptId: person.primaryDepartment?.deptId ?? null,
    })),
    departments: (found?.departments?.nodes ?? []).map((department) => ({
      ...department,
      people: department.totalMemberCount,
      matches: [],
      path: department.ancestors.map(({ name }) => name),
    })),
  };
}

function hitsThen(found: Then | undefined, people: number, departments: number): Hits {
  return {
    ...hitsOfLists(found),
    morePeople: (found?.users?.totalCount ?? 0) > people,
    moreDepartments: (found?.departments?.totalCount ?? 0) > departments,
  };
}

function hitsGone(found: Gone | undefined) {
  const total = (found?.users?.totalCount ?? 0) + (found?.departments?.totalCount ?? 0);
  return { ...hitsOfLists(found), total };
}

/** What matched besides the name and the title: it is shown, so that nobody wonders why the row is there. */
function extraOf({ person, matches }: PersonHit): { text: string; ranges: readonly Range[] } | null {
  const fields: [field: string, text: string | null | undefined][] = [
    ['JOB_NUMBER', person.jobNumber],
    ['EMAIL', person.email],
    ['ORG_EMAIL', person.orgEmail],
    ['MOBILE', person.mobile],
    ['USER_ID', person.userId],
  ];
  for (const [field, text] of fields) {
    const ranges = rangesOf(matches, field);
    if (text && ranges.length > 0) return { text, ranges };
  }
  return null;
}
