import { useMemo, useState } from 'react';
import { keyOf, type Chosen, type Group, type Removal } from './groups';

/** Of a group: all of it, or these by their keys. */
type Picked = 'all' | ReadonlySet<string>;

/** What somebody ticked, as far as it still waits: whole groups, or single removals of those that were opened. */
export function useChoice(groups: readonly Group[]) {
  const [picked, setPicked] = useState<ReadonlyMap<string, Picked>>(new Map());
  const [members, setMembers] = useState<ReadonlyMap<string, readonly Removal[]>>(new Map());

  const chosen = useMemo<Chosen>(() => {
    const whole = groups.filter(({ key }) => picked.get(key) === 'all');
    const removals = groups.flatMap(({ key }) => {
      const its = picked.get(key);
      return its === undefined || its === 'all' ? [] : (members.get(key) ?? []).filter((each) => its.has(keyOf(each)));
    });
    return { groups: whole, removals };
  }, [groups, picked, members]);

  const pick = (key: string, to: Picked | null) =>
    setPicked((before) => {
      const next = new Map(before);
      if (to === null || (to !== 'all' && to.size === 0)) next.delete(key);
      else next.set(key, to);
      return next;
    });

  return {
    chosen,
    /** `true`: all of it; `false`: none; `null`: some. */
    ofGroup: (key: string): boolean | null => {
      const its = picked.get(key);
      return its === undefined ? false : its === 'all' ? true : null;
    },
    has: (key: string, removal: Removal): boolean => {
      const its = picked.get(key);
      return its === 'all' || (its?.has(keyOf(removal)) ?? false);
    },
    chooseAll: (to: boolean) => setPicked(new Map(to ? groups.map(({ key }) => [key, 'all' as const]) : [])),
    chooseGroup: (key: string, to: boolean) => pick(key, to ? 'all' : null),
    /** `all`: those that are known of the group. */
    choose: (key: string, removal: Removal, to: boolean, all: readonly Removal[]) => {
      const its = picked.get(key);
      const next = new Set(its === 'all' ? all.map(keyOf) : its);
      if (to) next.add(keyOf(removal));
      else next.delete(keyOf(removal));
      pick(key, next);
    },
    know: (key: string, its: readonly Removal[]) => setMembers((before) => new Map(before).set(key, its)),
    clear: () => setPicked(new Map()),
  };
}

/** What `useChoice` gives. */
export type Choice = ReturnType<typeof useChoice>;
