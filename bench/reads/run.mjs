// Reads, changes, starts and subscribers of the server beside its rivals, on invented companies of several sizes:
//
//   make bench                 1,000 to 1,000,000 people; more than an hour
//   make bench-short           10,000 people; under five minutes, once everything is built
//   make bench ARGS="--help"   what can be chosen
//
// Standard output is the report in Markdown.
import { appendFileSync, writeFileSync } from 'node:fs';
import { buildMeasure, runMeasure } from './measure.mjs';
import { machine } from './machine.mjs';
import { readOptions } from './options.mjs';
import { writePlots } from './plot.mjs';
import { progress } from './progress.mjs';
import * as report from './report.mjs';
import { measureSize } from './size.mjs';

const options = readOptions(process.argv.slice(2));
const { parts, programs } = options;
programs.measure ??= await buildMeasure(options.root);

// Each part is printed when it is there: a long run that is cut off has told what it had.
if (options.report) writeFileSync(options.report, '');
function print(text) {
  console.log(`${text}\n`);
  if (options.report) appendFileSync(options.report, `${text}\n\n`);
}

progress('begins');
print(report.header('Reads', machine(options.server), options));
const sizes = [];
for (const people of options.sizes) {
  const reads = await measureSize(people, options, print);
  if (reads.length === 0) continue;
  sizes.push({ people, reads });
  // The next size may take an hour: the plots are there before.
  if (options.plots) progress(`plots: ${writePlots(options.plots, sizes).join(', ')}`);
}

// A program of its own, with a table of its own; what is promised is promised for 100,000 people.
if (parts.has('search')) {
  progress('search');
  const size = Math.min(100_000, Math.max(...options.sizes));
  print(report.printed('Search', await runMeasure(programs.measure, 'search', String(size))));
}

progress('done');
