// A rival in as many processes as it is told, on one port.
import cluster from 'node:cluster';

/** Runs `serve` in each worker; says `ready` when all of them listen, and ends with any of them. */
export async function inWorkers(workers, serve) {
  if (!cluster.isPrimary) return serve();

  let listening = 0;
  cluster.on('listening', () => {
    listening += 1;
    if (listening === workers) console.log('ready');
  });
  cluster.on('exit', (worker, code, signal) => {
    console.error(`a worker ended: ${signal ?? code}`);
    process.exit(1);
  });
  for (let worker = 0; worker < workers; worker += 1) cluster.fork();
}
