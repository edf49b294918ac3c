// Plots of the growth: requests a second by the number of people, a line for each contender. Plain SVG; it follows the
// reader's light or dark scheme.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TITLES } from './contenders.mjs';

const WIDTH = 760;
const HEIGHT = 420;
const PLOT = { left: 84, right: 560, top: 56, bottom: 356 };
/** Answers that are smaller than this part of the largest are another question. */
const ALIKE = 0.6;
/** Names at the lines' ends keep so far apart. */
const LABEL_HEIGHT = 18;

const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #d0d7de }
  .axis { stroke: #57606a }
  path { fill: none; stroke-width: 2.5 }
  .ours { stroke: #0969da; fill: #0969da } .postgraphile { stroke: #bc4c00; fill: #bc4c00 }
  .mercurius { stroke: #1a7f37; fill: #1a7f37 } .static { stroke: #6e7781; fill: #6e7781 }
  .anew { stroke: #0969da; fill: #0969da }
  path.static, path.anew { stroke-dasharray: 6 4 } text.label { stroke: none } path.line { fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .grid { stroke: #30363d } .axis { stroke: #8d96a0 }
    .ours, .anew { stroke: #58a6ff; fill: #58a6ff } .postgraphile { stroke: #f0883e; fill: #f0883e }
    .mercurius { stroke: #3fb950; fill: #3fb950 } .static { stroke: #8d96a0; fill: #8d96a0 }
  }`;

/** One file for each query: `FOLDER/reads-NAME.svg`. `sizes`: `[{ people, reads }]`; gives the names of the files. */
export function writePlots(folder, sizes) {
  mkdirSync(folder, { recursive: true });
  const names = [...new Set(sizes.flatMap(({ reads }) => reads.map(({ name }) => name)))];
  return names.map((name) => {
    const all = sizes.flatMap(({ people, reads }) => reads.filter((one) => one.name === name).map((one) => ({ people, one })));
    const largest = Math.max(...all.map(({ one }) => one.bytes));
    const points = all.filter(({ one }) => one.bytes >= ALIKE * largest);
    const file = `reads-${name}.svg`;
    writeFileSync(join(folder, file), plot(points));
    return file;
  });
}

function plot(points) {
  const { title } = points[0].one;
  const sizes = points.map(({ one }) => one.bytes);
  const [unit, name] = Math.min(...sizes) < 1_000 ? [1, 'B'] : [1_000, 'kB'];
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map((bytes) => Number((bytes / unit).toPrecision(2)));
  const heading = `${title}, ${least === most ? least : `${least} to ${most}`} ${name}: requests a second`;

  const rates = points.flatMap(({ one }) => Object.values(one.results).map(({ rate }) => rate));
  const x = scale(points.map(({ people }) => people), PLOT.left, PLOT.right);
  const y = scale(rates, PLOT.bottom, PLOT.top);

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${heading}">
<style>${STYLE}
</style>
<text class="title" x="${PLOT.left}" y="28">${heading}</text>
${axes(x, y)}
${lines(points, x, y)}
</svg>
`;
}

function axes(x, y) {
  const across = y.ticks.map(
    (tick) => `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/>
<text x="${PLOT.left - 10}" y="${y.at(tick) + 5}" text-anchor="end">${tick.toLocaleString('en-US')}</text>`,
  );
  const below = x.ticks.map(
    (tick) => `<line class="axis" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 6}"/>
<text x="${x.at(tick)}" y="${PLOT.bottom + 24}" text-anchor="middle">${tick.toLocaleString('en-US')}</text>`,
  );
  const middle = (PLOT.left + PLOT.right) / 2;
  return [
    ...across,
    `<line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}"/>`,
    ...below,
    `<text x="${middle}" y="${PLOT.bottom + 50}" text-anchor="middle">people of the company</text>`,
    `<text x="${PLOT.left - 74}" y="48">requests / s</text>`,
  ].join('\n');
}

function lines(points, x, y) {
  const keys = Object.keys(points[0].one.results);
  const last = points.at(-1).one.results;
  const places = apart(keys.map((key) => ({ key, y: y.at(last[key].rate) })));

  return keys
    .map((key) => {
      const dots = points.map(({ people, one }) => [x.at(people), y.at(one.results[key].rate)]);
      const path = `<path class="line ${key}" d="M${dots.map((dot) => dot.join(' ')).join(' L')}"/>`;
      const circles = dots.map(([cx, cy]) => `<circle class="${key}" cx="${cx}" cy="${cy}" r="3.5"/>`);
      const label = `<text class="label ${key}" x="${PLOT.right + 14}" y="${places.get(key) + 5}">${TITLES[key]}</text>`;
      return [path, ...circles, label].join('\n');
    })
    .join('\n');
}

/** Moves labels down until none lies on another. */
function apart(labels) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  for (let index = 1; index < sorted.length; index += 1) {
    sorted[index].y = Math.max(sorted[index].y, sorted[index - 1].y + LABEL_HEIGHT);
  }
  return new Map(sorted.map(({ key, y }) => [key, round(y)]));
}

/** A logarithmic scale over whole decades. */
function scale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const at = (value) => round(from + ((Math.log10(value) - low) / (high - low)) * (to - from));
  return { at, ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)) };
}

const round = (number) => Math.round(number * 10) / 10;
