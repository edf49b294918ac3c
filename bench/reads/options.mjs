// What is measured, for how long, and with which programs.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The parts of a run, in their order. */
const PARTS = ['start', 'reads', 'libraries', 'changes', 'subscribers', 'search'];

const HELP = `usage: make bench [ARGS="…"], or make bench-short [ARGS="…"]

  --short             10,000 people, short rounds: under five minutes
  --sizes 1000,10000  how many people the companies have
  --rounds 5          rounds, of which the median counts
  --seconds 5         seconds of a round
  --subscribers 10000 WebSocket subscribers
  --only reads,start  only these parts: ${PARTS.join(', ')}
  --plots FOLDER      where the plots go; the full run writes docs/benchmarks
  --report FILE       where the Markdown goes as well

DINGMIRROR_BIN names another server than target/release/dingmirror, RIVALS_BIN another program of the Rust rivals,
MEASURE_BIN another program of bench/main.rs; what is named is not built.`;

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The options of a command line, with the short or the full run's values where nothing is said. */
export function readOptions(args) {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean' },
      short: { type: 'boolean' },
      sizes: text,
      rounds: text,
      seconds: text,
      subscribers: text,
      only: text,
      plots: text,
      report: text,
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }

  const { short } = values;
  const parts = values.only?.split(',') ?? PARTS;
  const unknown = parts.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) throw new Error(`--only: ${unknown.join(', ')} is unknown; known are ${PARTS.join(', ')}`);

  const sizes = values.sizes?.split(',').map((size) => positive('--sizes', size));

  return {
    short: Boolean(short),
    sizes: sizes ?? (short ? [10_000] : [1_000, 10_000, 100_000, 1_000_000]),
    rounds: positive('--rounds', values.rounds ?? (short ? 3 : 5)),
    seconds: positive('--seconds', values.seconds ?? (short ? 2 : 5)),
    /** How often one change is waited for. */
    tries: short ? 8 : 20,
    subscribers: positive('--subscribers', values.subscribers ?? 10_000),
    parts: new Set(parts),
    plots: values.plots ?? (short || values.sizes ? undefined : `${root}docs/benchmarks`),
    report: values.report,
    server: process.env.DINGMIRROR_BIN ?? `${root}target/release/dingmirror`,
    /** The programs beside the server; `run.mjs` builds that of the crate where it is not named. */
    programs: {
      rivals: process.env.RIVALS_BIN ?? `${root}target/rivals/release/rivals`,
      measure: process.env.MEASURE_BIN,
    },
    root,
  };
}

function positive(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name}: ${text} is no whole number above 0`);
  return number;
}
