import type { Problem } from '../../../data';
import type { TreeNodeFragment } from '../../../generated/graphql';
import type { Ask } from '../asking';
import { TreeLevelQuery, TreePathQuery, TreeRowsQuery, TreeTopsQuery } from '../queries';

/** What a row says of a department. */
export type TreeNode = TreeNodeFragment;

/** A row of the tree as it is shown, one below the other. */
export interface Row {
  /** Of a department its id, of one that isn't loaded yet its place. */
  key: string;
  /** Undefined: it is there, and not loaded yet. */
  node: TreeNode | undefined;
  parent: string | null;
  /** From 1. */
  level: number;
  /** Of its siblings, by the server's count: from 1. */
  position: number;
  siblings: number;
  expanded: boolean;
  problem: Problem | null;
}

/** Those directly below a department, as far as they were asked for. */
interface Level {
  ids: string[];
  total: number;
  after: string | null;
  complete: boolean;
  loading: boolean;
  problem: Problem | null;
  /** Somebody came, went or moved since: asked again when it is shown. */
  stale: boolean;
}

const PAGE = 100;
const LARGEST_PAGE = 500;
/** The parent of those that have none that can be seen. */
const TOP = '';
const COMPANY = '1';

/**
 * The departments as far as somebody looked: a level is asked for when it is opened, a hundred at once. What is known stays,
 * and what changed is asked for again. It tells its listeners; rows are made anew only then.
 */
export class DepartmentTree {
  private readonly nodes = new Map<string, TreeNode>();
  private readonly levels = new Map<string, Level>();
  private readonly open = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private cached: Row[] | null = null;
  private ended = new AbortController();
  /** What was changed a moment ago, for a short while: its row fades. */
  readonly fresh = new Set<string>();

  constructor(
    private readonly ask: Ask,
    /** The moment of the past that is shown. */
    private readonly asOf: string | null,
  ) {}

  /** Begins, or begins again after `end`. */
  begin(): void {
    if (this.ended.signal.aborted) this.ended = new AbortController();
    if (!this.levels.get(TOP)?.complete) void this.loadTop();
  }

  /** Nobody looks any more: what was asked for is called off. */
  end(): void {
    this.ended.abort();
    for (const level of this.levels.values()) level.loading = false;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The rows from the top down; the same array until something changes. */
  readonly rows = (): Row[] => (this.cached ??= this.makeRows());

  /** Why there is no tree at all. */
  get problem(): Problem | null {
    const top = this.levels.get(TOP);
    return top !== undefined && top.ids.length === 0 ? top.problem : null;
  }

  /** Whether the top is known: a tree may be empty. */
  get isReady(): boolean {
    return this.levels.get(TOP)?.complete ?? false;
  }

  node(deptId: string): TreeNode | undefined {
    return this.nodes.get(deptId);
  }

  isOpen(deptId: string): boolean {
    return this.open.has(deptId);
  }

  /** Opens or closes a department. */
  toggle(deptId: string, open = !this.open.has(deptId)): void {
    if (this.open.has(deptId) === open || !this.nodes.get(deptId)?.childCount) return;
    if (open) {
      this.open.add(deptId);
      this.prefetch(deptId);
    } else {
      this.open.delete(deptId);
    }
    this.changed();
  }

  /** Opens all that stand beside a department. */
  openSiblings(parent: string | null): void {
    for (const id of this.levels.get(parent ?? TOP)?.ids ?? []) {
      if (!this.nodes.get(id)?.childCount) continue;
      this.open.add(id);
      this.prefetch(id);
    }
    this.changed();
  }

  /** Asks for what is below a department before somebody opens it. */
  prefetch(deptId: string): void {
    const level = this.levels.get(deptId);
    if (level === undefined) void this.load(deptId, PAGE);
    else if (level.stale && !level.loading) void this.reload(deptId);
  }

  /** Somebody looks at rows that aren't there yet: asks for them, up to this place of their level. */
  need(parent: string | null, position: number): void {
    const level = this.levels.get(parent ?? TOP);
    if (parent === null || level === undefined || level.loading || level.complete || level.problem) return;
    const missing = position - level.ids.length;
    void this.load(parent, Math.min(LARGEST_PAGE, Math.max(1, Math.ceil(missing / PAGE)) * PAGE));
  }

  /** Tries again what failed below a department. */
  retry(parent: string | null): void {
    const level = this.levels.get(parent ?? TOP);
    if (level) level.problem = null;
    if (parent === null) void this.loadTop();
    else void this.load(parent, PAGE);
  }

  /** Opens the way to a department. False where it has no place in the tree: it is gone, or nobody knows it. */
  async reveal(deptId: string): Promise<boolean> {
    const { signal } = this.ended;
    const answer = await this.ask(TreePathQuery, { deptId, asOf: this.asOf }, signal);
    const path = answer?.data?.department?.path;
    if (!path || path.length === 0 || signal.aborted) return false;

    for (const each of path) this.nodes.set(each.deptId, each);
    const top = path[0] as TreeNode;
    await this.loadTop();
    const tops = this.levels.get(TOP);
    if (tops && !tops.ids.includes(top.deptId)) {
      tops.ids.push(top.deptId);
      tops.total += 1;
    }

    // Level by level at once: each is known by its parent's id.
    const steps = path.slice(0, -1).map((parent, index) => this.loadUntil(parent.deptId, path[index + 1]?.deptId as string));
    for (const { deptId: parent } of path.slice(0, -1)) this.open.add(parent);
    this.changed();
    const found = await Promise.all(steps);
    this.changed();
    return found.every(Boolean);
  }

  /** A change told how a department stands now; `reordered`: it may have another place among its siblings. */
  put(node: TreeNode, reordered: boolean): void {
    const former = this.nodes.get(node.deptId);
    this.nodes.set(node.deptId, node);
    const moved = former?.parentId !== node.parentId || former?.state !== node.state;
    if (moved || reordered) {
      for (const parent of [former?.parentId, node.parentId]) {
        const level = parent == null ? undefined : this.levels.get(parent);
        if (level) level.stale = true;
      }
    }
    this.changed();
  }

  /** The levels in which something came, went or moved: asked again if they are shown, later if not. */
  async refreshStale(): Promise<void> {
    const shown = [...this.levels].filter(([parent, level]) => level.stale && (parent === TOP || this.isShown(parent)));
    await Promise.all(shown.map(([parent]) => this.reload(parent)));
  }

  /** Anything may have changed: all that is shown is asked for again. */
  async reloadAll(): Promise<void> {
    for (const level of this.levels.values()) {
      level.stale = true;
      level.problem = null;
    }
    await this.refreshStale();
  }

  /** How many people these have now; asked in one query. */
  async refreshRows(deptIds: string[]): Promise<void> {
    if (deptIds.length === 0) return;
    const answer = await this.ask(TreeRowsQuery, { deptIds: deptIds.slice(0, LARGEST_PAGE) }, this.ended.signal);
    for (const node of answer?.data?.departments?.nodes ?? []) this.nodes.set(node.deptId, node);
    this.changed();
  }

  /** Marks rows whose background fades. */
  flash(deptIds: Iterable<string>): void {
    for (const id of deptIds) this.fresh.add(id);
    this.changed();
    setTimeout(() => {
      this.fresh.clear();
      this.changed();
    }, 1_300);
  }

  private isShown(deptId: string): boolean {
    for (let at: string | null | undefined = deptId; at != null; at = this.nodes.get(at)?.parentId) {
      if (!this.open.has(at)) return false;
      if (this.levels.get(TOP)?.ids.includes(at)) return true;
    }
    return false;
  }

  private level(parent: string): Level {
    let level = this.levels.get(parent);
    if (level === undefined) {
      const total = this.nodes.get(parent)?.childCount ?? 0;
      level = { ids: [], total, after: null, complete: false, loading: false, problem: null, stale: false };
      this.levels.set(parent, level);
    }
    return level;
  }

  private topLoading: Promise<void> | null = null;

  /** The company with the first level, or, where it is out of sight, the tops that there are. */
  private loadTop(): Promise<void> {
    if (this.levels.get(TOP)?.complete) return Promise.resolve();
    return (this.topLoading ??= this.askTop().finally(() => (this.topLoading = null)));
  }

  private async askTop(): Promise<void> {
    const { signal } = this.ended;
    const top = this.level(TOP);
    const answer = await this.ask(TreeLevelQuery, { deptId: COMPANY, first: PAGE, asOf: this.asOf }, signal);
    if (answer === null) return;
    if (answer.problem) {
      top.problem = answer.problem;
      this.changed();
      return;
    }

    const company = answer.data.department;
    if (company && company.state !== 'GONE') {
      this.nodes.set(company.deptId, company);
      if (company.children) this.take(company.deptId, company.children, false);
      this.open.add(company.deptId);
      top.ids = [company.deptId];
    } else if (!(await this.askTops(top, signal))) {
      return;
    }
    top.total = top.ids.length;
    top.problem = null;
    top.complete = true;
    this.changed();
  }

  /** All pages in the tree's order, of which the tops are kept. */
  private async askTops(top: Level, signal: AbortSignal): Promise<boolean> {
    const found: TreeNode[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Awaited<ReturnType<typeof this.askTopsPage>> = await this.askTopsPage(after, signal);
      if (page === null) return false;
      if (page.problem) {
        top.problem = page.problem;
        this.changed();
        return false;
      }
      const list = page.data.departments;
      found.push(...(list?.nodes ?? []).filter((node) => node.level === 0));
      if (!list?.pageInfo.hasNextPage) break;
      after = list.pageInfo.endCursor ?? null;
    }
    for (const node of found) this.nodes.set(node.deptId, node);
    top.ids = found.map(({ deptId }) => deptId);
    return true;
  }

  private askTopsPage(after: string | null, signal: AbortSignal) {
    return this.ask(TreeTopsQuery, { after, asOf: this.asOf }, signal);
  }

  /** Pages until one has the child. */
  private async loadUntil(parent: string, child: string): Promise<boolean> {
    await this.waitFor(parent);
    let first = PAGE;
    for (;;) {
      const level = this.levels.get(parent);
      if (level?.ids.includes(child)) return true;
      if (level?.complete || level?.problem) return false;
      await this.load(parent, first);
      if (this.ended.signal.aborted) return false;
      first = LARGEST_PAGE;
    }
  }

  private readonly running = new Map<string, Promise<void>>();

  private waitFor(parent: string): Promise<void> {
    return this.running.get(parent) ?? Promise.resolve();
  }

  /** The next page of a level. One at a time: the cursor of the next one is in the former. */
  private load(parent: string, first: number): Promise<void> {
    return this.inTurn(parent, async (level, signal) => {
      const variables = { deptId: parent, first, after: level.after, asOf: this.asOf };
      const answer = await this.ask(TreeLevelQuery, variables, signal);
      if (answer === null) return;
      const children = answer.data?.department?.children;
      if (answer.problem) level.problem = answer.problem;
      else if (children) this.take(parent, children, level.after !== null);
      else level.complete = true;
    });
  }

  /** A level as it is now, as far as it was loaded before. */
  private reload(parent: string): Promise<void> {
    return this.inTurn(parent, async (level, signal) => {
      level.stale = false;
      if (parent === TOP) return;
      const first = Math.min(LARGEST_PAGE, Math.max(PAGE, level.ids.length));
      const answer = await this.ask(TreeLevelQuery, { deptId: parent, first, asOf: this.asOf }, signal);
      const department = answer?.data?.department;
      if (!department?.children) return;
      this.nodes.set(department.deptId, department);
      this.take(parent, department.children, false);
    });
  }

  private inTurn(parent: string, work: (level: Level, signal: AbortSignal) => Promise<void>): Promise<void> {
    const running = this.running.get(parent);
    if (running) return running;
    const level = this.level(parent);
    level.loading = true;
    const made = work(level, this.ended.signal).finally(() => {
      level.loading = false;
      this.running.delete(parent);
      this.changed();
    });
    this.running.set(parent, made);
    return made;
  }

  private take(
    parent: string,
    page: { totalCount?: number | null; pageInfo: { hasNextPage: boolean; endCursor?: string | null }; nodes: TreeNode[] },
    behind: boolean,
  ): void {
    const level = this.level(parent);
    for (const node of page.nodes) this.nodes.set(node.deptId, node);
    const ids = page.nodes.map(({ deptId }) => deptId);
    level.ids = behind ? [...new Set([...level.ids, ...ids])] : ids;
    level.after = page.pageInfo.endCursor ?? null;
    level.complete = !page.pageInfo.hasNextPage;
    level.total = level.complete ? level.ids.length : Math.max(page.totalCount ?? 0, level.ids.length);
    level.problem = null;
  }

  private makeRows(): Row[] {
    const rows: Row[] = [];
    const walk = (parent: string, depth: number) => {
      const level = this.levels.get(parent);
      const total = level === undefined ? (this.nodes.get(parent)?.childCount ?? 0) : level.total;
      const above = parent === TOP ? null : parent;
      const ids = level?.ids ?? [];
      for (let index = 0; index < ids.length; index += 1) {
        const id = ids[index] as string;
        const node = this.nodes.get(id);
        const expanded = this.open.has(id) && (node?.childCount ?? 0) > 0;
        rows.push({ key: id, node, parent: above, level: depth, position: index + 1, siblings: total, expanded, problem: null });
        if (expanded) walk(id, depth + 1);
      }
      const problem = level?.problem ?? null;
      // Where a page failed one row says so, whatever is missing.
      const end = problem ? Math.min(total, ids.length + 1) : total;
      for (let index = ids.length; index < end; index += 1) {
        const key = pendingKey(parent, index);
        rows.push({ key, node: undefined, parent: above, level: depth, position: index + 1, siblings: total, expanded: false, problem });
      }
    };
    walk(TOP, 1);
    return rows;
  }

  private changed(): void {
    this.cached = null;
    for (const listener of this.listeners) listener();
  }
}

const PENDING = 'pending:';

function pendingKey(parent: string, index: number): string {
  return `${PENDING}${parent}:${index}`;
}

/** Where a row is; one that was loaded meanwhile is found by its place. */
export function indexOfRow(rows: readonly Row[], key: string | null): number {
  if (key === null) return -1;
  const at = rows.findIndex((row) => row.key === key);
  if (at >= 0 || !key.startsWith(PENDING)) return at;
  const [parent, index] = key.slice(PENDING.length).split(':') as [string, string];
  return rows.findIndex((row) => (row.parent ?? TOP) === parent && row.position === Number(index) + 1);
}
