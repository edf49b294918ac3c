// What changes cost: those who read meanwhile, and those who wait for one.
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './rounds.mjs';
import { load } from './wrk.mjs';

const CHANGES_A_SECOND = 20;
/** Longer than the server waits for a second event about the same person. */
const APART = 400;

const PEOPLE = '{ users(first: 500) { nodes { userId } } }';
const TITLE = 'query ($userId: String!) { user(userId: $userId) { title } }';
const REFRESH = `mutation ($userId: String!) {
  refreshUser(input: { userId: $userId }) { user { title } userErrors { message } } }`;

/** Changes of people, one after the other, that nobody made before. */
export class Changes {
  #simulator;
  #people = [];
  #made = 0;

  constructor(simulator) {
    this.#simulator = simulator;
  }

  /** Those who may be changed: the first of them that the mirror lists. */
  async findPeople(mirror) {
    const { users } = await mirror.ask(PEOPLE);
    this.#people = users.nodes.map(({ userId }) => userId);
  }

  /** Gives somebody a new title; gives `{ userId, title }`. */
  async make() {
    this.#made += 1;
    const userId = this.#people[this.#made % this.#people.length];
    const title = `Title ${this.#made}`;
    await this.#simulator.edit({ edit: 'update_user', userid: userId, fields: { title } });
    return { userId, title };
  }
}

/** The rate of reads while nothing changes and while changes come in: `[{ title, bytes, quiet, busy, made }]`. */
export async function readsBesideChanges(stage, ours, mirror, changes, cases, { rounds, seconds }) {
  const measured = [];
  for (const one of cases) {
    const [quiet, busy, made] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      quiet.push(await costOf(mirror, () => load(stage, ours, one, seconds)));

      const stop = keepChanging(changes);
      const began = performance.now();
      busy.push(await costOf(mirror, () => load(stage, ours, one, seconds)));
      const { count, last } = await stop();
      made.push((count * 1_000) / (performance.now() - began));
      // They were no changes for the server before it had them.
      await untilSeen(mirror, last);
      await sleep(APART);
    }
    const of = (list, key) => median(list.map((result) => result[key]));
    measured.push({
      title: one.title,
      bytes: one.bytes,
      quiet: of(quiet, 'rate'),
      busy: of(busy, 'rate'),
      quietOfCpu: of(quiet, 'ofCpu'),
      busyOfCpu: of(busy, 'ofCpu'),
      made: median(made),
    });
  }
  return measured;
}

/** With the requests a second of the server's own CPU time, which neither the simulator nor the generator takes. */
async function costOf(mirror, measure) {
  const [before, began] = [mirror.cpuSeconds(), performance.now()];
  const result = await measure();
  const seconds = (performance.now() - began) / 1_000;
  return { ...result, ofCpu: (result.rate * seconds) / (mirror.cpuSeconds() - before) };
}

/** Makes changes until it is told to stop, which gives how many there were, and the last one. */
function keepChanging(changes) {
  const made = [];
  const timer = setInterval(() => made.push(changes.make()), 1_000 / CHANGES_A_SECOND);
  return async () => {
    clearInterval(timer);
    const all = await Promise.all(made);
    return { count: all.length, last: all.at(-1) };
  };
}

async function untilSeen(mirror, { userId, title }) {
  while ((await mirror.ask(TITLE, { userId })).user.title !== title) await sleep(1);
}

/** Milliseconds until one change is seen, at the median. */
export async function timeToBeVisible(mirror, changes, tries) {
  const [read, nothing, told] = [[], [], []];
  for (let attempt = 0; attempt < tries; attempt += 1) {
    // Asked for: DingTalk's answer, the difference, the transaction, the snapshot, the answer.
    const { userId, title } = await changes.make();
    read.push(await timed(() => refreshed(mirror, userId, title)));
    await sleep(APART);
    nothing.push(await timed(() => refreshed(mirror, userId, title)));

    // Told by an event: with the time in which the server waits for more of them.
    const began = performance.now();
    await untilSeen(mirror, await changes.make());
    told.push(performance.now() - began);
    await sleep(APART);
  }
  return { read: median(read), nothing: median(nothing), told: median(told) };
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function refreshed(mirror, userId, title) {
  const { refreshUser } = await mirror.ask(REFRESH, { userId });
  if (refreshUser.userErrors.length > 0) throw new Error(`refreshUser: ${JSON.stringify(refreshUser.userErrors)}`);
  if (refreshUser.user.title !== title) throw new Error(`${userId} has the title ${refreshUser.user.title}, not ${title}`);
}
