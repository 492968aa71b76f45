import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { RedisClient } from './redis.client';

/** What lies in Redis under such a key, as JSON; of two entries the one with the higher version is the truth. */
export interface Versioned {
  version: number;
}

/** Longer than any reader may take between its read of PostgreSQL and its write to Redis. */
const DROPPED_SECONDS = 120;

/** KEYS: entry, mark of its removal. ARGV: entry, its version, seconds to live. */
const WRITE_UNLESS_NEWER = `
  local version = tonumber(ARGV[2])
  local dropped = redis.call('GET', KEYS[2])
  if dropped and tonumber(dropped) > version then return 0 end
  local stored = redis.call('GET', KEYS[1])
  if stored then
    local readable, entry = pcall(cjson.decode, stored)
    if readable and type(entry) == 'table' and (tonumber(entry.version) or version) > version then return 0 end
  end
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
  return 1`;

/** KEYS and ARGV as above, without the entry. */
const DROP = `
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
  return 1`;

/** Only `write` puts anything there. */
function isEntry<T extends Versioned>(value: unknown): value is T {
  return typeof value === 'object' && value !== null && 'version' in value;
}

/**
 * Entries that change while others read them: a reader that read PostgreSQL before a change committed, and writes after
 * it, would bring the old state back for as long as the entry lives. Here the lower version never replaces the higher.
 */
@Injectable()
export class VersionedCache {
  constructor(
    private readonly client: RedisClient,
    @InjectMetric('cache_reads_total') private readonly reads: Counter<'cache' | 'outcome'>,
  ) {}

  async read<T extends Versioned>(key: string, isCurrent: (entry: T) => boolean = () => true): Promise<T | null> {
    const entry = await this.stored<T>(key);
    const found = entry !== null && isCurrent(entry) ? entry : null;
    this.reads.inc({ cache: key.split(':', 1)[0] ?? key, outcome: found === null ? 'miss' : 'hit' });
    return found;
  }

  async write<T extends Versioned>(key: string, ttlSeconds: number, entry: T): Promise<void> {
    const values = [JSON.stringify(entry), entry.version, ttlSeconds];
    await this.client.attempt((redis) => redis.eval(WRITE_UNLESS_NEWER, 2, key, removalOf(key), ...values), null);
  }

  /** Removes the entry; readers that saw anything older than `version` do not bring it back. */
  async drop(key: string, version: number): Promise<void> {
    await this.client.attempt((redis) => redis.eval(DROP, 2, key, removalOf(key), version, DROPPED_SECONDS), null);
  }

  private async stored<T extends Versioned>(key: string): Promise<T | null> {
    const text = await this.client.attempt((redis) => redis.get(key), null);
    if (text === null) return null;
    const entry: unknown = JSON.parse(text);
    return isEntry<T>(entry) ? entry : null;
  }
}

/** The braces make Redis Cluster keep it in the slot of `key`: a script may only touch one. */
function removalOf(key: string): string {
  return `{${key}}:dropped`;
}
