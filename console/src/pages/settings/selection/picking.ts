import type { Selection } from '../values';

/**
 * Which departments are picked, as the tree shows it. A selection names departments; of those above a department, itself
 * included, the nearest decides. Here each top of the tree is marked as well, so that a mark always decides.
 */
export type Mark = 'in' | 'out';

/** Marked departments, and of each department that was seen those above it, the topmost first. */
export interface Picking {
  tops: readonly string[];
  marks: ReadonlyMap<string, Mark>;
  paths: ReadonlyMap<string, readonly string[]>;
}

/** The picking that a selection means. Without `include` everything is mirrored. */
export function pickingOf({ include, exclude }: Selection, tops: readonly string[], paths: Picking['paths']): Picking {
  const marks = new Map<string, Mark>(tops.map((id) => [id, include.length === 0 ? 'in' : 'out']));
  for (const id of include) marks.set(id, 'in');
  for (const id of exclude) marks.set(id, 'out');
  return { tops, marks, paths };
}

/** The selection that a picking means, said with as few names as it takes. */
export function selectionOf({ tops, marks }: Picking): Selection {
  const named = (mark: Mark) => [...marks].filter(([, each]) => each === mark).map(([id]) => id);
  const [included, excluded] = [named('in'), named('out')];
  const everything = included.length === tops.length && tops.every((id) => marks.get(id) === 'in');
  // What is named nowhere is mirrored, or, where something is included, not. Nothing at all has to be said by name.
  if (everything || included.length === 0) return { include: [], exclude: excluded };
  return { include: included, exclude: excluded.filter((id) => !tops.includes(id)) };
}

/** Whether a department is mirrored. */
export function isPicked({ marks, paths }: Picking, id: string): boolean {
  const above = [...(paths.get(id) ?? []), id];
  const nearest = above.reverse().find((each) => marks.has(each));
  return nearest !== undefined && marks.get(nearest) === 'in';
}

/** Whether something below it is marked otherwise: some of it is mirrored. */
export function isMixed(picking: Picking, id: string): boolean {
  const picked = isPicked(picking, id);
  return [...picking.marks].some(
    ([each, mark]) => (mark === 'in') !== picked && (picking.paths.get(each) ?? []).includes(id),
  );
}

/** Picks a department with all below it, or takes it out. */
export function toggled(picking: Picking, id: string): Picking {
  const { tops, paths } = picking;
  const mark: Mark = isPicked(picking, id) && !isMixed(picking, id) ? 'out' : 'in';
  // What is marked below it is no exception any more.
  const marks = new Map(
    [...picking.marks].filter(([each]) => each !== id && !(paths.get(each) ?? []).includes(id)),
  );
  const without = { tops, marks, paths };
  if (tops.includes(id) || isPicked(without, id) !== (mark === 'in')) marks.set(id, mark);
  return { tops, marks, paths };
}
