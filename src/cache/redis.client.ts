import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { redisInsStore, type RedisStore } from 'cache-manager-ioredis-yet';
import Redis from 'ioredis';
import type { Counter } from 'prom-client';
import { isInfrastructureError } from '../database/infrastructure-error';
import { Settings } from '../settings/settings';
import { defineCacheCommands } from './cache.scripts';
import { RedisCircuit } from './redis-circuit.policy';

type Command<T> = (redis: Redis) => Promise<T>;

/** A time limit that rang this late tells of a busy process, not of a slow Redis. */
const STALLED_MS = 50;
/** Of what Redis must be told. */
const TRIES_TO_TELL = 2;
const RECONNECT_MS = 200;
/** After an outage, time for every process to be back and to remove what it could not remove, before anyone reads. */
const SETTLE_MS = 600;
/** Redis that answers may yet take no writes, as a replica: so it is asked for one, of a key that never is. */
const probe: Command<unknown> = (redis) => redis.del('probe');
/** Changes that Redis has not been told of; beyond that the oldest are left to end by their time. */
const MOST_OWED = 50_000;

/**
 * The shop's one way to Redis. Nothing there is the only copy of what a customer would miss: with Redis down or slow a
 * command costs its time limit once, then the circuit is open and everyone goes to PostgreSQL. Commands that are sent
 * in one turn of the event loop leave as one write.
 */
@Injectable()
export class RedisClient implements OnModuleInit, OnApplicationShutdown {
  readonly redis: Redis;
  /** The store of cache-manager over the same connection; its own parser is not used (decision 0005). */
  readonly store: RedisStore;
  private readonly logger = new Logger('Redis');
  /** A command that takes longer has failed: the databases behind Redis answer sooner. */
  private readonly limitMs: number;
  private readonly owed = new Map<string, Command<unknown>>();
  private ended = false;

  constructor(
    settings: Settings,
    private readonly circuit: RedisCircuit,
    @InjectMetric('redis_errors_total') private readonly errors: Counter<'kind'>,
  ) {
    this.limitMs = settings.redisCommandTimeoutMs;
    this.redis = new Redis(settings.redisUrl, {
      lazyConnect: true,
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      maxRetriesPerRequest: 0,
      connectTimeout: 2_000,
      retryStrategy: () => RECONNECT_MS,
    });
    defineCacheCommands(this.redis);
    this.store = redisInsStore(this.redis);
    this.redis.on('error', (error: Error) => this.logger.debug(error.message));
    this.redis.on('close', () => {
      if (!this.ended) this.circuit.trip(new Error('the connection is closed'));
    });
    circuit.use(() => this.comeBack());
  }

  async onModuleInit(): Promise<void> {
    await this.redis.connect().catch((error: unknown) => this.logger.warn(`starting without Redis: ${String(error)}`));
  }

  onApplicationShutdown(): void {
    this.ended = true;
    this.redis.disconnect();
  }

  /** Runs `command`; when Redis is down, slow or refuses, gives `otherwise` instead. */
  attempt<T, D>(command: Command<T>, otherwise: D): Promise<T | D> {
    if (!this.circuit.closed || this.redis.status !== 'ready') return Promise.resolve(otherwise);
    const begun = performance.now();
    return this.inTime(command).catch((error: unknown) => {
      this.failed(error, performance.now() - begun);
      return otherwise;
    });
  }

  /**
   * Runs what Redis must be told, as that an entry is of the past: at once, or before this process reads from Redis
   * again. Of two under one name the later counts. Other processes go on reading: so what took too long is tried once
   * more before they may see what was; a process too busy to send it in time is more often the cause than Redis.
   */
  async insist(name: string, command: Command<unknown>): Promise<void> {
    for (let tries = 0; tries < TRIES_TO_TELL && this.redis.status === 'ready' && !this.circuit.open; tries += 1) {
      try {
        await this.inTime(command);
        return;
      } catch (error) {
        if (this.wasRefused(error)) return;
        if (kindOf(error) !== 'timeout') break;
      }
    }
    this.owe(name, command);
    this.circuit.trip(new Error('it could not be told of a change'));
  }

  /**
   * What Redis answers, or an error after the time limit. A process that was busy hears its limits ring before it sends
   * what it asked, or before it reads what came meanwhile: so the limit rings in halves, of which one may be lost so, and
   * after it one more turn of the event loop reads the answer, if it is there.
   */
  private inTime<T>(command: Command<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const tooLate = () => reject(new Error('Command timed out'));
      let limit = setTimeout(() => {
        limit = setTimeout(() => setImmediate(tooLate), this.limitMs / 2);
      }, this.limitMs / 2);
      command(this.redis).then(
        (answer) => {
          clearTimeout(limit);
          resolve(answer);
        },
        (error: unknown) => {
          clearTimeout(limit);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  private owe(name: string, command: Command<unknown>): void {
    this.owed.delete(name);
    const [oldest] = this.owed.keys();
    if (this.owed.size >= MOST_OWED && oldest !== undefined) this.owed.delete(oldest);
    this.owed.set(name, command);
  }

  private failed(error: unknown, afterMs: number): void {
    if (this.wasRefused(error)) return;
    // A limit that rang late: this process was too busy to see the answer that was there.
    if (afterMs > this.limitMs + STALLED_MS) return;
    this.circuit.trip(error instanceof Error ? error : new Error(String(error)));
  }

  /** Counts the failure. A refusal of the command itself would be the same the next time. */
  private wasRefused(error: unknown): boolean {
    const kind = kindOf(error);
    this.errors.inc({ kind });
    if (kind === 'refused') this.logger.error(`Redis refused a command: ${String(error)}`);
    return kind === 'refused';
  }

  /** Redis answers: first it is told what it missed, then the others get the time to do the same. */
  private async comeBack(): Promise<void> {
    if (this.redis.status !== 'ready') throw new Error('no connection');
    await this.inTime(probe);
    await this.payDebts();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref());
    await this.payDebts();
    await this.inTime(probe);
  }

  private async payDebts(): Promise<void> {
    for (const [name, command] of [...this.owed]) {
      try {
        await this.inTime(command);
      } catch (error) {
        if (!this.wasRefused(error)) throw error;
      }
      if (this.owed.get(name) === command) this.owed.delete(name);
    }
  }
}

/** `unable`: Redis answers, but cannot do what it is told, as with a full disk: it is not to be read from either. */
function kindOf(error: unknown): 'timeout' | 'refused' | 'unable' | 'connection' {
  if (!(error instanceof Error)) return 'connection';
  if (error.name === 'ReplyError') return isInfrastructureError(error) ? 'unable' : 'refused';
  return error.message === 'Command timed out' ? 'timeout' : 'connection';
}
