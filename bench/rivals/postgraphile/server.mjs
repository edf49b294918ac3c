// PostGraphile over the tables of tables.sql:  node server.mjs PORT WORKERS DATABASE_URL
import { createServer } from 'node:http';
import { grafserv } from 'postgraphile/grafserv/node';
import { makePgService } from 'postgraphile/adaptors/pg';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { postgraphile } from 'postgraphile';
import { inWorkers } from '../cluster.mjs';

const [port, workers, connectionString] = process.argv.slice(2);

/** What the load generator keeps open, shared by the workers: no request waits for a connection of the database. */
const CONNECTIONS = 16;

await inWorkers(Number(workers), async () => {
  const service = makePgService({
    connectionString,
    schemas: ['public'],
    poolConfig: { max: Math.ceil(CONNECTIONS / Number(workers)) },
  });
  const serv = postgraphile({
    extends: [PostGraphileAmberPreset],
    pgServices: [service],
    grafserv: { graphiql: false, watch: false, websockets: false, maxRequestLength: 1_000_000 },
    grafast: { explain: false },
  }).createServ(grafserv);

  const server = createServer();
  await serv.addTo(server);
  // The schema is made before the first request comes.
  await serv.ready();
  server.listen(Number(port), '127.0.0.1');
});
