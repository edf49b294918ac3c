// Executors without a server: from a query to its answer, in one process.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { DIALECTS, EXPECTED } from './queries.mjs';

const run = promisify(execFile);

/**
 * What each case takes, in microseconds an answer: `[{ name, juniper, derived, behindEdge: { ours, derived } }]`, where
 * `derived` are the resolvers that async-graphql's macros make, by themselves and behind the server's own edge.
 */
export async function measureLibraries(stage, programs, { company, cases, folder }, mirror, rounds) {
  const tasks = cases.libraries.map(({ name, query, variables: [variables] }) => ({
    name,
    query: DIALECTS.ours[query],
    variables,
    answer: { data: EXPECTED[query](company, variables) },
  }));
  const file = stage.path('tasks.json');
  writeFileSync(file, JSON.stringify(tasks));

  const libraries = JSON.parse((await run(programs.rivals, ['libraries', folder, file, String(rounds)])).stdout);
  const { stdout } = await run(programs.measure, ['executors', folder, file, String(rounds), mirror.databaseUrl], { env: mirror.env });
  const behindEdge = JSON.parse(stdout);
  return cases.libraries.map((one, index) => ({ ...one, ...libraries[index], behindEdge: behindEdge[index] }));
}
