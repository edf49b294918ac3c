// A start with what the server left behind: how soon it is ready, and what it takes then.
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './rounds.mjs';

/** Memory is looked at so long after a start: what only the start needed has been given back. */
const SETTLED = 2_000;

/**
 * `{ database, ready, resident }`, in milliseconds and MB. The mirror doesn't run before and runs afterwards; it is
 * switched off, so that it starts no sync which would be measured with it.
 */
export async function measureStart(mirror, starts) {
  const [ready, resident] = [[], []];
  for (let start = 0; start < starts; start += 1) {
    if (start > 0) await mirror.stop();
    ready.push(await mirror.start());
    await sleep(SETTLED);
    resident.push(mirror.memory('VmRSS'));
  }
  return { database: mirror.database, ready: median(ready), resident: median(resident) };
}
