import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { redisInsStore, type RedisStore } from 'cache-manager-ioredis-yet';
import type { Counter } from 'prom-client';
import { UnavailableError } from '../common/app-error';
import { RedisClient } from './redis.client';

/** A hole in the cache costs one read of PostgreSQL; entries made together should not all end together. */
const MAX_JITTER = 0.1;

/** Shortens a time to live by up to a tenth. */
function jittered(ttlSeconds: number): number {
  return Math.round(ttlSeconds * 1000 * (1 - Math.random() * MAX_JITTER));
}

/** Entries are written by this class only: what is an object is what was put there. */
function isEntry<T extends object>(value: unknown): value is T {
  return typeof value === 'object' && value !== null;
}

function parsed<T extends object>(text: string): T | undefined {
  const value: unknown = JSON.parse(text);
  return isEntry<T>(value) ? value : undefined;
}

/**
 * Entries that can be read again from a database, through cache-manager-ioredis-yet. Values are handed to the store as
 * JSON text, because the store's own parser (telejson) would revive functions from strings that look like one.
 */
@Injectable()
export class Cache {
  private readonly store: RedisStore;

  constructor(
    private readonly client: RedisClient,
    @InjectMetric('cache_reads_total') private readonly reads: Counter<'cache' | 'outcome'>,
  ) {
    this.store = redisInsStore(client.redis, { isCacheable: (value) => typeof value === 'string' });
  }

  /** The cached value if it `isCurrent`, or what `load` finds, which is then cached; null is not cached. */
  async through<T extends object>(
    key: string,
    ttlSeconds: number,
    load: () => Promise<T | null>,
    isCurrent: (value: T) => boolean = () => true,
  ): Promise<T | null> {
    const name = key.split(':', 1)[0] ?? key;
    const found = await this.read<T>(key);
    const cached = found !== undefined && isCurrent(found) ? found : undefined;
    this.reads.inc({ cache: name, outcome: cached === undefined ? 'miss' : 'hit' });
    if (cached !== undefined) return cached;
    const value = await load();
    if (value !== null) await this.write(key, ttlSeconds, value);
    return value;
  }

  async read<T extends object>(key: string): Promise<T | undefined> {
    const text = await this.client.attempt(() => this.store.get<string>(key), undefined);
    return text === undefined ? undefined : parsed<T>(text);
  }

  async write(key: string, ttlSeconds: number, value: object): Promise<void> {
    await this.client.attempt(() => this.store.set(key, JSON.stringify(value), jittered(ttlSeconds)), undefined);
  }

  /** Many entries in one command; undefined where there is none. */
  async readMany<T extends object>(keys: readonly string[]): Promise<(T | undefined)[]> {
    if (keys.length === 0) return [];
    const texts = await this.client.attempt(() => this.store.mget(...keys), []);
    return keys.map((key, i) => {
      const text = texts[i];
      this.reads.inc({ cache: key.split(':', 1)[0] ?? key, outcome: text === undefined ? 'miss' : 'hit' });
      return typeof text === 'string' ? parsed<T>(text) : undefined;
    });
  }

  async writeMany(ttlSeconds: number, entries: readonly (readonly [string, object])[]): Promise<void> {
    await Promise.all(entries.map(([key, value]) => this.write(key, ttlSeconds, value)));
  }

  async forget(...keys: string[]): Promise<void> {
    if (keys.length > 0) await this.client.attempt(() => this.store.mdel(...keys), undefined);
  }

  /** Throws UnavailableError when it could not be done, for those who are asked again later. */
  async mustForget(...keys: string[]): Promise<void> {
    if (keys.length === 0) return;
    const removed = await this.client.attempt((redis) => redis.del(keys), null);
    if (removed === null) throw new UnavailableError('Redis');
  }
}
