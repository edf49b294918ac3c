// The figures as Markdown.
import { TITLES } from './contenders.mjs';

/** The server, and the same without the answers that it keeps. */
const OWN = ['ours', 'anew'];
const RIVALS = ['postgraphile', 'mercurius', 'static'];

const whole = (number) => Math.round(number).toLocaleString('en-US');
/** Three digits are more than any of it is worth. */
const short = (number) => (number >= 100 ? whole(number) : Number(number.toPrecision(number >= 10 ? 3 : 2)).toString());
const bytes = (number) => (number < 1_000 ? `${number} B` : `${short(number / 1_000)} kB`);
const milliseconds = (number) => `${short(number)} ms`;
const crowd = (people) => (people === 1 ? '1 person' : `${whole(people)} people`);
const asked = ({ title, people, bytes: size }) => `${title}, ${crowd(people)} | ${bytes(size)}`;

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export function header(title, machine, { rounds, seconds }) {
  return `# ${title}\n\n${machine}.\n16 connections; medians of ${rounds} alternating rounds of ${seconds} s.`;
}

export const sizeTitle = (people, departments) => `## ${whole(people)} people, ${whole(departments)} departments`;

/** Requests a second with the ratios, and latencies with theirs. */
export function reads(measured) {
  const rate = (one, key) => one.results[key].rate;
  const times = (one, own, key) => `${short(rate(one, own) / rate(one, key))} x`;
  const latency = ({ p50, p99 }) => `${short(p50)} / ${short(p99)}`;
  const keys = [...OWN, ...RIVALS];

  const rates = table(
    ['requests a second', 'answer', ...keys.map((key) => TITLES[key])],
    measured.map((one) => [asked(one), ...keys.map((key) => short(rate(one, key)))]),
  );
  const ratios = OWN.map((own) =>
    table(
      [`${TITLES[own]}, beside`, 'answer', ...RIVALS.map((key) => TITLES[key])],
      measured.map((one) => [asked(one), ...RIVALS.map((key) => times(one, own, key))]),
    ),
  );
  const latencies = table(
    ['milliseconds, p50 / p99', 'answer', ...keys.map((key) => TITLES[key]), ...OWN.map((own) => `p99 of ${TITLES[own]} beside PostGraphile 5`)],
    measured.map((one) => {
      const besides = OWN.map((own) => {
        const ratio = one.results[own].p99 / one.results.postgraphile.p99;
        return ratio < 1 ? `1/${short(1 / ratio)}` : `${short(ratio)} x`;
      });
      return [asked(one), ...keys.map((key) => latency(one.results[key])), ...besides];
    }),
  );
  return ['### Reads', rates, ...ratios, latencies].join('\n\n');
}

export function libraries(measured) {
  const micros = (number) => `${short(number)} us`;
  const head = [
    'in one process, without sockets',
    'answer',
    'juniper `execute_sync`',
    'async-graphql, derived resolvers',
    'the same behind the edge of dingmirror',
    'dingmirror',
    'beside derived resolvers',
    'beside juniper',
  ];
  const rows = measured.map((one) => {
    const { ours, derived } = one.behindEdge;
    const times = [one.juniper, one.derived, derived, ours].map(micros);
    return [asked(one), ...times, `${short(derived / ours)} x`, `${short(one.juniper / ours)} x`];
  });
  return `### Executors\n\n${table(head, rows)}`;
}

export function changes(measured) {
  const head = [
    'reads a second while changes come in',
    'answer',
    'quiet',
    'meanwhile',
    'of the quiet rate',
    "of the quiet rate by the server's CPU time",
    'changes a second',
  ];
  const rows = measured.map((one) => [
    one.title,
    bytes(one.bytes),
    short(one.quiet),
    short(one.busy),
    short(one.busy / one.quiet),
    short(one.busyOfCpu / one.quietOfCpu),
    short(one.made),
  ]);
  return `### Changes\n\n${table(head, rows)}`;
}

export function visible(measured) {
  const head = ['one change, until it is seen', 'read on request', 'the same with nothing changed', 'told by an event, with its 150 ms'];
  const rows = measured.map(({ database, read, nothing, told }) => [database, ...[read, nothing, told].map(milliseconds)]);
  return table(head, rows);
}

export function start(measured) {
  const rows = measured.map(({ database, ready, resident }) => [database, `${(ready / 1_000).toFixed(2)} s`, `${whole(resident)} MB`]);
  return `### Start\n\n${table(['database', 'ready', 'resident'], rows)}`;
}

export function subscribers({ subscribers: count, told, first, last, resident }) {
  const head = ['WebSocket subscribers', 'told', 'the first after', 'the last after', 'memory of theirs'];
  const row = [whole(count), whole(told), milliseconds(first), milliseconds(last), `${whole(resident)} MB`];
  return `### Subscribers\n\n${table(head, [row])}`;
}

/** What another program printed, which is Markdown, too. */
export const printed = (title, output) => `## ${title}\n\n${output}`;
