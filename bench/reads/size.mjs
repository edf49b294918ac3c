// One size of company, from its invention to the last figure.
import { Company } from '../rivals/company.mjs';
import { chooseCases } from './cases.mjs';
import { Changes, readsBesideChanges, timeToBeVisible } from './changes.mjs';
import { oursOf, startAnew, startMercurius, startPostgraphile, startStatic } from './contenders.mjs';
import { exportCompany } from './export.mjs';
import { measureLibraries } from './libraries.mjs';
import { Mirror } from './mirror.mjs';
import { Postgres } from './postgres.mjs';
import { progress } from './progress.mjs';
import { measureReads } from './reads.mjs';
import * as report from './report.mjs';
import { Simulator, departmentsOf } from './simulator.mjs';
import { Stage } from './stage.mjs';
import { measureStart } from './start.mjs';
import { measureSubscribers } from './subscribers.mjs';
import { verify } from './verify.mjs';

/** The reads that are measured while changes come in. */
const BESIDE_CHANGES = ['look-up', 'tree-49'];

/** Measures what the options name and prints it; gives the reads for the plots. */
export async function measureSize(people, options, print) {
  const stage = new Stage();
  const postgres = new Postgres();
  // With a handler the run goes on to `finally`, by the failure of whatever it waits for, and leaves nothing behind.
  const interrupted = () => void stage.close();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted);

  try {
    progress(`a company of ${people}`);
    const simulator = await Simulator.start(stage, options.server, people);
    print(report.sizeTitle(people, departmentsOf(people)));
    return await new Size(stage, postgres, simulator, options, print).measure();
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, interrupted);
    await stage.close();
    await postgres.close();
  }
}

class Size {
  #stage;
  #postgres;
  #simulator;
  #options;
  #print;
  #changes;
  /** `{ folder, company, cases }`, once the mirror has told it. */
  #company;
  #starts = [];
  #visible = [];

  constructor(stage, postgres, simulator, options, print) {
    this.#stage = stage;
    this.#postgres = postgres;
    this.#simulator = simulator;
    this.#options = options;
    this.#print = print;
    this.#changes = new Changes(simulator);
  }

  /** One server after the other: what doesn't take part takes neither memory nor time. */
  async measure() {
    const { parts } = this.#options;
    const needsPostgres = ['start', 'changes', 'libraries'].some((part) => parts.has(part));
    const onPostgres = needsPostgres && (await this.#mirror(await this.#postgres.create('mirror')));
    if (onPostgres && parts.has('changes')) {
      await this.#enabled(onPostgres);
      await this.#timeChanges(onPostgres);
    }
    await (onPostgres && onPostgres.stop());

    const mirror = await this.#mirror();
    if (parts.has('start')) this.#print(report.start(this.#starts));
    await this.#export(mirror);
    const reads = parts.has('reads') ? await this.#besideRivals(mirror) : [];
    if (parts.has('libraries')) await this.#libraries(onPostgres);
    if (parts.has('changes') || parts.has('subscribers')) await this.#enabled(mirror);
    if (parts.has('changes')) {
      await this.#besideChanges(mirror);
      await this.#timeChanges(mirror);
      this.#print(report.visible(this.#visible));
    }
    if (parts.has('subscribers')) {
      progress(`${this.#options.subscribers} subscribers`);
      this.#print(report.subscribers(await measureSubscribers(mirror, this.#changes, this.#options.subscribers)));
    }
    return reads;
  }

  /** A server that mirrors the company and is switched off: nothing happens by itself. */
  async #mirror(databaseUrl) {
    const mirror = new Mirror(this.#stage, this.#options.server, this.#simulator, databaseUrl);
    progress(`the first sync, on ${mirror.database}`);
    await mirror.fill(this.#options.programs.measure);

    if (!this.#options.parts.has('start')) await mirror.start();
    else {
      progress(`start, on ${mirror.database}`);
      this.#starts.push(await measureStart(mirror, this.#options.rounds));
    }
    return mirror;
  }

  async #enabled(mirror) {
    progress('the sync after a start');
    await mirror.enable();
    await this.#changes.findPeople(mirror);
  }

  /** What the rivals are given, and what is asked of everybody. */
  async #export(mirror) {
    progress('the company for the rivals');
    const folder = this.#stage.path('company');
    await exportCompany(mirror, folder);
    const company = await Company.load(folder);
    this.#company = { folder, company, cases: chooseCases(company, this.#options) };
  }

  async #besideRivals(mirror) {
    progress('the rivals');
    const { folder, company, cases: { servers: cases } } = this.#company;
    // It begins anew at another address.
    const anew = await startAnew(mirror);
    const ours = oursOf(mirror);
    const contenders = [
      ours,
      anew,
      await startPostgraphile(this.#stage, await this.#postgres.fill('rival', folder)),
      await startMercurius(this.#stage, folder),
      await startStatic(this.#stage, this.#options.programs.rivals, cases, ours),
    ];

    progress('everybody answers the same');
    await verify(company, cases, contenders);
    const reads = await measureReads(this.#stage, cases, contenders, this.#options);
    for (const { stop } of contenders) await stop?.();
    this.#print(report.reads(reads));
    return reads;
  }

  async #libraries(onPostgres) {
    progress('libraries');
    const { programs, rounds } = this.#options;
    this.#print(report.libraries(await measureLibraries(this.#stage, programs, this.#company, onPostgres, rounds)));
  }

  async #besideChanges(mirror) {
    progress('reads while changes come in');
    const chosen = this.#company.cases.servers.filter(({ name }) => BESIDE_CHANGES.includes(name));
    const ours = oursOf(mirror);
    const measured = await readsBesideChanges(this.#stage, ours, mirror, this.#changes, chosen, this.#options);
    this.#print(report.changes(measured));
  }

  async #timeChanges(mirror) {
    progress(`one change, on ${mirror.database}`);
    this.#visible.push({ database: mirror.database, ...(await timeToBeVisible(mirror, this.#changes, this.#options.tries)) });
  }
}
