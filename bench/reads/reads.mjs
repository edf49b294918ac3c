// Requests a second and their latency: everybody, the same queries, in turn.
import { alternate, medians } from './rounds.mjs';
import { load } from './wrk.mjs';
import { progress } from './progress.mjs';

/** Seconds that each runs before it counts: compilers and caches are warm afterwards. */
const WARM_UP = 1;

/** `[{ name, title, bytes, people, results: { key: { rate, p50, p99 } } }]`. */
export async function measureReads(stage, cases, contenders, { rounds, seconds }) {
  const measured = [];
  for (const one of cases) {
    progress(`${one.title}, ${one.bytes} bytes`);
    for (const contender of contenders) await load(stage, contender, one, WARM_UP);
    const results = await alternate(contenders, rounds, (contender) => load(stage, contender, one, seconds));
    const { name, title, bytes, people } = one;
    measured.push({
      name,
      title,
      bytes,
      people,
      results: Object.fromEntries(Object.entries(results).map(([key, list]) => [key, medians(list)])),
    });
  }
  return measured;
}
