import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import type { PickableFragment } from '../../../generated/graphql';
import { PickableLevelQuery, PickableTopsQuery } from './queries';

/** The company, in every company. */
const COMPANY = '1';

/** What is below a department, as far as it was asked for. */
export interface Level {
  nodes: readonly PickableFragment[];
  total: number;
  after: string | null;
  loading: boolean;
  failed: boolean;
}

/** The tree, a level at a time. `tops` is null until they are known. */
export interface Levels {
  tops: readonly PickableFragment[] | null;
  failed: boolean;
  levels: ReadonlyMap<string, Level>;
  paths: ReadonlyMap<string, readonly string[]>;
  /** Asks for what is below, or for more of it. */
  load: (deptId: string) => void;
  again: () => void;
}

const EMPTY: Level = { nodes: [], total: 0, after: null, loading: true, failed: false };

/** Departments as they are opened. */
export function useLevels(): Levels {
  const client = useClient();
  const [tops, setTops] = useState<readonly PickableFragment[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [levels, setLevels] = useState<ReadonlyMap<string, Level>>(new Map());
  const [paths, setPaths] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const now = useRef({ levels, paths });
  now.current = { levels, paths };

  const put = useCallback((deptId: string, level: Level) => {
    setLevels((before) => new Map(before).set(deptId, level));
    setPaths((before) => {
      const above = [...(before.get(deptId) ?? []), deptId];
      const after = new Map(before);
      for (const node of level.nodes) after.set(node.deptId, above);
      return after;
    });
  }, []);

  const load = useCallback(
    (deptId: string) => {
      const before = now.current.levels.get(deptId);
      if (before && (before.loading || (before.after === null && !before.failed))) return;
      put(deptId, { ...(before ?? EMPTY), loading: true, failed: false });
      const variables = { deptId, after: before?.after ?? null };
      void client
        .query(PickableLevelQuery, variables)
        .toPromise()
        .then(({ data }) => {
          const children = data?.department?.children;
          if (!children) return put(deptId, { ...(before ?? EMPTY), loading: false, failed: true });
          return put(deptId, levelOf(before?.nodes ?? [], children));
        });
    },
    [client, put],
  );

  const begin = useCallback(async () => {
    setFailed(false);
    const { data, error } = await client.query(PickableLevelQuery, { deptId: COMPANY }).toPromise();
    const company = data?.department;
    if (company && company.state !== 'GONE') {
      setTops([company]);
      if (company.children) put(COMPANY, levelOf([], company.children));
      return;
    }
    if (error) return setFailed(true);

    // The company itself is out of sight.
    const found: PickableFragment[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof askTops>> = await askTops(client, after);
      if (!page) return setFailed(true);
      found.push(...page.nodes.filter(({ level }) => level === 0));
      after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null;
    } while (after !== null);
    setTops(found);
    return undefined;
  }, [client, put]);

  useEffect(() => {
    void begin();
  }, [begin]);
  return { tops, failed, levels, paths, load, again: () => void begin() };
}

async function askTops(client: ReturnType<typeof useClient>, after: string | null) {
  const { data } = await client.query(PickableTopsQuery, { after }).toPromise();
  return data?.departments;
}

function levelOf(
  before: readonly PickableFragment[],
  page: { totalCount?: number | null; nodes: readonly PickableFragment[]; pageInfo: { hasNextPage: boolean; endCursor?: string | null } },
): Level {
  const nodes = [...before, ...page.nodes];
  return {
    nodes,
    total: page.totalCount ?? nodes.length,
    after: page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null,
    loading: false,
    failed: false,
  };
}
