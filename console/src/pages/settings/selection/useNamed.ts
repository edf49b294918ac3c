import { useMemo } from 'react';
import { useAsk, usePermission } from '../../../data';
import type { NamedDepartmentsQuery as Named } from '../../../generated/graphql';
import { NamedDepartmentsQuery } from './queries';

/** A department that a selection names. */
export type NamedDepartment = NonNullable<Named['departments']>['nodes'][number];

/** The departments of these ids, by id; those that the mirror doesn't have are left out. `known`: it was answered. */
export function useNamed(ids: readonly string[]): { byId: ReadonlyMap<string, NamedDepartment>; known: boolean } {
  const mayRead = usePermission('directory:read');
  // More are never shown by name.
  const deptIds = useMemo(() => [...new Set(ids)].sort().slice(0, 500), [ids]);
  const asked = useAsk(NamedDepartmentsQuery, {
    variables: { deptIds },
    pause: deptIds.length === 0 || !mayRead,
    policy: 'cache-first',
    keep: true,
  });
  const nodes = asked.data?.departments?.nodes;
  return useMemo(
    () => ({
      byId: new Map((nodes ?? []).map((each) => [each.deptId, each])),
      known: deptIds.length === 0 || nodes !== undefined,
    }),
    [nodes, deptIds],
  );
}
