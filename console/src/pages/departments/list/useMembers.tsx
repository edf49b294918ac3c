import { useCallback, useMemo, type ReactNode } from 'react';
import type { DepartmentMembersQuery as Answer } from '../../../generated/graphql';
import { useAsker } from '../asking';
import { DepartmentMembersQuery } from '../queries';
import { PersonRow } from './rows';
import { usePages, type AskPage, type Page, type Pages } from './usePages';
import type { ListRow } from './VirtualList';

const PAGE = 100;

/** A person of a department. */
export type Member = NonNullable<NonNullable<Answer['department']>['members']>['nodes'][number];

/** The people of a department, as rows. */
export interface MemberRows extends Pages<Member> {
  rows: readonly ListRow[];
  render: (index: number) => ReactNode;
  departmentOf: (key: string) => string | null;
}

/** Those directly in a department, or with `deep` those of everything below it, too. */
export function useMembers(deptId: string | null, deep: boolean, asOf: string | null, pause: boolean): MemberRows {
  const ask = useAsker();
  const askPage = useCallback<AskPage<Member>>(
    async (first, after, signal) => {
      const answer = await ask(DepartmentMembersQuery, { deptId: deptId ?? '', first, after, deep, asOf }, signal);
      if (answer === null || answer.problem) return answer;
      const page: Page<Member> | null = answer.data.department?.members ?? null;
      return { data: page, problem: null };
    },
    [ask, deptId, deep, asOf],
  );
  const pages = usePages(askPage, PAGE, pause || deptId === null);

  const { items } = pages;
  const rows = useMemo(
    () => (items ?? []).map(({ user, department }): ListRow => ({ kind: 'item', key: `u:${user.userId}:${department.deptId}` })),
    [items],
  );
  const render = useCallback(
    (index: number) => {
      const member = items?.[index];
      if (!member) return null;
      const path = deep && member.department.deptId !== deptId ? [member.department.name] : undefined;
      return <PersonRow person={member.user} path={path} leads={member.leader === true} />;
    },
    [items, deep, deptId],
  );
  return {
    ...pages,
    rows,
    render,
    departmentOf: (key) => key.split(':')[2] ?? null,
  };
}
