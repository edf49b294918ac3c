import { useEffect, useRef, useState } from 'react';
import { useLive, useOnline } from '../../data';
import type { DirectoryLiveSubscription as Told } from '../../generated/graphql';
import { DirectoryLiveSubscription } from './queries';

/** A change of a person or department, as it comes. */
export type LiveChange = Told['directoryChanges'];

/** Milliseconds in which changes are gathered: a sync brings hundreds. */
const GATHER = 300;
/** So often it may begin without a word before the cursor is given up: it may be one that is no longer known. */
const ATTEMPTS = 4;

/**
 * The changes of the directory as they come, gathered. It goes on behind the last one when it was away; where that can't
 * be, `onGap` says that anything may have changed.
 */
export function useDirectoryLive({
  cursor,
  pause,
  onChanges,
  onGap,
}: {
  /** Where it begins; undefined: not known yet. */
  cursor: string | null | undefined;
  pause: boolean;
  onChanges: (changes: LiveChange[]) => void;
  onGap: () => void;
}): { running: boolean; lastAt: string | null } {
  const at = useRef<string | null>(null);
  const attempts = useRef(0);
  const gathered = useRef<LiveChange[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [lastAt, setLastAt] = useState<string | null>(null);
  const online = useOnline();
  if (at.current === null && cursor) at.current = cursor;

  // The timer calls what is current then.
  const flush = useRef(() => {});
  flush.current = () => {
    timer.current = undefined;
    const changes = gathered.current;
    gathered.current = [];
    if (changes.length > 0) onChanges(changes);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  const running = useLive(DirectoryLiveSubscription, {
    pause: pause || cursor === undefined,
    variables: () => {
      attempts.current += 1;
      if (attempts.current > ATTEMPTS) {
        at.current = null;
        attempts.current = 0;
        onGap();
      }
      return { after: at.current };
    },
    onData: ({ directoryChanges: change }) => {
      attempts.current = 0;
      at.current = change.cursor;
      gathered.current.push(change);
      setLastAt(change.at);
      timer.current ??= setTimeout(() => flush.current(), GATHER);
    },
  });
  return { running: running && online, lastAt };
}
