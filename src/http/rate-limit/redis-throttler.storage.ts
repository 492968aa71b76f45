import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Result } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RedisClient } from '../../cache/redis.client';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Counts a hit; gives the hits of the window and what is left of it, in milliseconds. */
    countHit(key: string, windowMs: number): Result<[number, number], Context>;
  }
}

interface ThrottlerRecord {
  totalHits: number;
  timeToExpire: number;
  isBlocked: boolean;
  timeToBlockExpire: number;
}

/** Keeps the fallback small whatever addresses come along. */
const MAX_LOCAL_WINDOWS = 10_000;

const COUNT_HIT = `
  local hits = redis.call('INCR', KEYS[1])
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    left = tonumber(ARGV[1])
  end
  return { hits, left }`;

/**
 * Counts hits in Redis under the seed's key names (the ready-made storage writes its own): one window for all workers of
 * all servers. While Redis is down or slow each process counts for itself: there are as many limits as processes then, but
 * never none.
 */
@Injectable()
export class RedisThrottlerStorage implements ThrottlerStorage {
  private readonly local = new LRUCache<string, number>({ max: MAX_LOCAL_WINDOWS, noUpdateTTL: true });

  constructor(private readonly client: RedisClient) {
    client.redis.defineCommand('countHit', { numberOfKeys: 1, lua: COUNT_HIT });
  }

  async increment(key: string, ttlMs: number, limit: number): Promise<ThrottlerRecord> {
    const counted = await this.client.attempt((redis) => redis.countHit(key, ttlMs), null);
    const [hits, leftMs] = counted ?? this.countHere(key, ttlMs);
    const seconds = Math.max(1, Math.ceil(leftMs / 1000));
    return { totalHits: hits, timeToExpire: seconds, isBlocked: hits > limit, timeToBlockExpire: seconds };
  }

  /** The library drops those that nobody asks for, and each at the end of its window. */
  private countHere(key: string, ttlMs: number): [number, number] {
    const hits = (this.local.get(key) ?? 0) + 1;
    this.local.set(key, hits, { ttl: ttlMs });
    return [hits, this.local.getRemainingTTL(key)];
  }
}
