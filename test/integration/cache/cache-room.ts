import { Counter, Gauge, Registry } from 'prom-client';
import { CacheMetrics } from '../../../src/cache/cache.metrics';
import { Cache } from '../../../src/cache/cache.service';
import { RedisCircuit } from '../../../src/cache/redis-circuit.policy';
import { RedisClient } from '../../../src/cache/redis.client';
import { Settings } from '../../../src/settings/settings';

/** The cache as one process of the shop has it, in this test's: two of them are two workers. */
export class CacheRoom {
  private readonly registry = new Registry();
  readonly circuit: RedisCircuit;
  readonly client: RedisClient;
  readonly metrics: CacheMetrics;
  readonly cache: Cache;

  /** `env`: settings that are other than the stack's. */
  constructor(env: NodeJS.ProcessEnv = {}) {
    const registers = [this.registry];
    const outcomes = (name: string) =>
      new Counter({ name, help: 'of this test', labelNames: ['cache', 'outcome'], registers });
    this.circuit = new RedisCircuit(
      new Gauge({ name: 'redis_circuit_state', help: 'of this test', registers }),
      new Counter({ name: 'redis_circuit_opens_total', help: 'of this test', registers }),
    );
    const errors = new Counter({ name: 'redis_errors_total', help: 'of this test', labelNames: ['kind'], registers });
    this.client = new RedisClient(new Settings({ ...process.env, ...env }), this.circuit, errors);
    this.metrics = new CacheMetrics(
      outcomes('cache_reads_total'),
      outcomes('cache_fills_total'),
      outcomes('cache_waits_total'),
    );
    this.cache = new Cache(this.client, this.metrics);
  }

  open(): Promise<void> {
    return this.client.onModuleInit();
  }

  close(): void {
    this.circuit.onApplicationShutdown();
    this.client.onApplicationShutdown();
  }

  /** The value of a sample, as `cache_fills_total{cache="test",outcome="stored"}`. */
  async sample(name: string): Promise<number> {
    const line = (await this.registry.metrics()).split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? 0 : Number(line.slice(name.length));
  }
}
