import { useMemo } from 'react';
import { useAsk } from '../../data';
import { idsOf, type ChangeFacts } from './ids';
import { ChangedNamesQuery } from './queries';

/** What ids are called; an id that the mirror doesn't know stands for itself. */
export interface Names {
  department: (deptId: string) => string;
  person: (userId: string) => string;
}

/** As many as one query may name. */
const MOST = 500;

/** The names of departments and people that stand in changes by their ids alone. */
export function useNames(changes: readonly ChangeFacts[]): Names {
  const variables = useMemo(() => {
    const all = changes.map(idsOf);
    const sorted = (ids: string[]) => [...new Set(ids)].sort().slice(0, MOST);
    const deptIds = sorted(all.flatMap((each) => each.deptIds));
    const userIds = sorted(all.flatMap((each) => each.userIds));
    return { deptIds, userIds, departments: deptIds.length > 0, users: userIds.length > 0 };
  }, [changes]);

  const { data } = useAsk(ChangedNamesQuery, { variables, pause: !variables.departments && !variables.users, keep: true });
  return useMemo(() => {
    const departments = new Map(data?.departments?.nodes.map(({ deptId, name }) => [deptId, name]));
    const people = new Map(data?.users?.nodes.map(({ userId, name }) => [userId, name]));
    return {
      department: (deptId) => departments.get(deptId) ?? deptId,
      person: (userId) => people.get(userId) ?? userId,
    };
  }, [data]);
}
