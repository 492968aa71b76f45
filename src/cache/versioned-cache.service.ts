import { Injectable } from '@nestjs/common';
import { CacheMetrics } from './cache.metrics';
import { cacheNameOf } from './keys';
import { RedisClient } from './redis.client';

/** What lies in Redis under such a key, as JSON; of two entries the one with the higher version is the truth. */
export interface Versioned {
  version: number;
}

/** Longer than any reader may take between its read of PostgreSQL and its write to Redis. */
const DROPPED_SECONDS = 120;

/** Only `write` puts anything there. */
function isEntry<T extends Versioned>(value: unknown): value is T {
  return typeof value === 'object' && value !== null && 'version' in value;
}

/**
 * Entries whose writers know the new state and put it there themselves: carts, sessions, profiles. A reader that read
 * PostgreSQL before a change committed, and writes after it, would bring the old state back for as long as the entry
 * lives. Here the lower version never replaces the higher.
 */
@Injectable()
export class VersionedCache {
  constructor(
    private readonly client: RedisClient,
    private readonly metrics: CacheMetrics,
  ) {}

  async read<T extends Versioned>(key: string, isCurrent: (entry: T) => boolean = () => true): Promise<T | null> {
    const text = await this.client.attempt((redis) => redis.get(key), null);
    const entry: unknown = text === null ? null : JSON.parse(text);
    const found = isEntry<T>(entry) && isCurrent(entry) ? entry : null;
    this.metrics.read(cacheNameOf(key), found === null ? 'miss' : 'hit');
    return found;
  }

  /** What a reader found in PostgreSQL. */
  async write<T extends Versioned>(key: string, ttlSeconds: number, entry: T): Promise<void> {
    const text = JSON.stringify(entry);
    await this.client.attempt(
      (redis) => redis.writeUnlessNewer(key, removalOf(key), text, entry.version, ttlSeconds),
      null,
    );
  }

  /** What a change made of it: an older entry must not come back with Redis after an outage. */
  async replace<T extends Versioned>(key: string, ttlSeconds: number, entry: T): Promise<void> {
    const text = JSON.stringify(entry);
    await this.client.insist(key, (redis) =>
      redis.writeUnlessNewer(key, removalOf(key), text, entry.version, ttlSeconds),
    );
  }

  /** Removes the entry; readers that saw anything older than `version` do not bring it back. */
  async drop(key: string, version: number): Promise<void> {
    await this.client.insist(key, (redis) => redis.dropVersion(key, removalOf(key), version, DROPPED_SECONDS));
  }
}

/** The braces make Redis Cluster keep it in the slot of `key`: a script may only touch one. */
function removalOf(key: string): string {
  return `{${key}}:dropped`;
}
