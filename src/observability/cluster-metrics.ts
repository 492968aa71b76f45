import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, register, type PrometheusContentType } from 'prom-client';

const ANSWER_WITHIN_MS = 5_000;

interface MetricsQuestion {
  kind: 'tradepost:metrics?';
  id: number;
}

interface MetricsAnswer {
  kind: 'tradepost:metrics';
  id: number;
  text: string;
}

function isQuestion(message: unknown): message is MetricsQuestion {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'tradepost:metrics?';
}

function isAnswer(message: unknown): message is MetricsAnswer {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'tradepost:metrics';
}

/** In the primary: gathers the metrics of all workers for the one that was asked over HTTP. */
export function answerForAllWorkers(): void {
  const aggregator = new AggregatorRegistry();
  cluster.on('message', (worker: Worker, message: unknown) => {
    if (!isQuestion(message)) return;
    aggregator
      .clusterMetrics()
      .catch((error: unknown) => `# not all workers answered: ${String(error)}\n`)
      .then((text) => worker.isConnected() && worker.send({ kind: 'tradepost:metrics', id: message.id, text }))
      .catch(() => undefined);
  });
}

/** In a worker: answers when the primary gathers. Making the registry is what registers the answer. */
export function joinClusterMetrics(): AggregatorRegistry<PrometheusContentType> {
  return new AggregatorRegistry();
}

let lastId = 0;

/** In a worker: the metrics of the whole server; alone in its process, its own. */
export async function metricsOfAllWorkers(): Promise<string> {
  if (!cluster.isWorker || !process.send) return register.metrics();
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      process.off('message', listen);
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error('the primary did not gather the metrics in time'));
    }, ANSWER_WITHIN_MS);
    const listen = (message: unknown): void => {
      if (!isAnswer(message) || message.id !== id) return;
      stop();
      resolve(message.text);
    };
    process.on('message', listen);
    process.send?.({ kind: 'tradepost:metrics?', id } satisfies MetricsQuestion);
  });
}
