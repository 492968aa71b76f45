import cluster, { type Worker } from 'node:cluster';
import { answerForAllWorkers, joinClusterMetrics } from './observability/cluster-metrics';
import { createLogger } from './observability/logger';
import { SettingsError } from './settings/environment.reader';
import { Settings, type WorkerRole } from './settings/settings';

/** A worker that dies at once would else be replaced in a busy loop. */
const REPLACE_AFTER_MS = 1_000;
const SHUTDOWN_WITHIN_MS = 11_000;
/**
 * V8 and glibc take what a machine has. Only the old space is bounded: a smaller young one saved 25 MB a worker, and its
 * collections took a third of the time of a cached read.
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '2' };

/** One server: HTTP workers, as many as the settings say, and one for consumers, relays and jobs. A dead one is replaced. */
function runPrimary(settings: Settings): void {
  const logger = createLogger(settings);
  const roles = new Map<number, WorkerRole>();
  let stopping = false;

  const fork = (role: WorkerRole): void => {
    const worker = cluster.fork({ ...ALLOCATOR, WORKER_ROLE: role });
    roles.set(worker.id, role);
  };

  cluster.setupPrimary({ execArgv: [...process.execArgv, `--max-old-space-size=${settings.workerHeapMb}`] });
  answerForAllWorkers();
  for (let i = 0; i < settings.httpWorkers; i += 1) fork('http');
  fork('background');

  cluster.on('exit', (worker: Worker, code: number, signal: string | null) => {
    const role = roles.get(worker.id) ?? 'http';
    roles.delete(worker.id);
    if (stopping) {
      if (roles.size === 0) process.exit(0);
      return;
    }
    logger.warn(`${role} worker ${worker.process.pid} ended (${signal ?? code}); another takes its place`, 'Cluster');
    setTimeout(() => !stopping && fork(role), REPLACE_AFTER_MS);
  });

  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
    setTimeout(() => process.exit(1), SHUTDOWN_WITHIN_MS).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function readSettings(): Settings {
  try {
    return new Settings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

const settings = readSettings();
if (cluster.isPrimary) {
  runPrimary(settings);
} else {
  joinClusterMetrics();
  // Only here: the primary would keep all of the shop's code in memory for nothing.
  void import('./main.js')
    .then(({ start }) => start(settings))
    .catch((error: unknown) => {
      createLogger(settings).error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exit(1);
    });
}
