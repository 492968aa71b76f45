import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Result } from 'ioredis';
import { CACHE } from '../cache/keys';
import { RedisClient } from '../cache/redis.client';
import { Settings } from '../settings/settings';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Counts an attempt and gives 0, or gives the milliseconds to wait for and counts none. */
    takeAttempt(key: string, free: number, firstMs: number, longestMs: number, ttlMs: number): Result<number, Context>;
    /** An attempt that is not held against anyone. */
    giveAttemptBack(key: string): Result<number, Context>;
  }
}

/** Attempts without a pause. `RATE_LIMIT_SCALE` multiplies them, as every limit. */
const FREE = {
  /** Of one address, whoever it tries to be. */
  address: 30,
  /** For one account, from one place. */
  place: 5,
  /** For one account, from wherever. */
  account: 10,
  /** Codes and passwords of who is signed in, or nearly. */
  proof: 5,
  /** Mails that anyone has sent to one account. */
  mail: 3,
  /** Mails that one address has sent. */
  mailing: 10,
  /** Accounts that one address has made: a school's, or a whole office's, is one too. */
  registering: 60,
} as const;

export type AttemptKind = keyof typeof FREE;

/** The pause doubles with each attempt, and never grows beyond this: nobody is locked out for ever. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 900_000;
const MOST_DOUBLINGS = 20;
/** Keeps the fallback small whatever names come along. */
const MOST_LOCAL = 10_000;

const TAKE = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local kept = redis.call('HMGET', KEYS[1], 'count', 'at')
  local count, at = tonumber(kept[1] or 0), tonumber(kept[2] or 0)
  local free = tonumber(ARGV[1])
  if count >= free then
    local pause = math.min(tonumber(ARGV[3]), ARGV[2] * 2 ^ math.min(count - free, ${MOST_DOUBLINGS}))
    if at + pause > now then return at + pause - now end
  end
  redis.call('HSET', KEYS[1], 'count', count + 1, 'at', now)
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return 0`;

const GIVE_BACK = `
  if tonumber(redis.call('HGET', KEYS[1], 'count') or 0) < 1 then return 0 end
  return redis.call('HINCRBY', KEYS[1], 'count', -1)`;

/**
 * Counts attempts to guess something, and makes who goes on wait longer each time. An attempt is counted before it is
 * looked at: a hundred at once are a hundred. Without Redis each process counts for itself.
 */
@Injectable()
export class AttemptsService {
  private readonly local = new Map<string, { count: number; at: number }>();

  constructor(
    private readonly client: RedisClient,
    private readonly settings: Settings,
  ) {
    client.redis.defineCommand('takeAttempt', { numberOfKeys: 1, lua: TAKE });
    client.redis.defineCommand('giveAttemptBack', { numberOfKeys: 1, lua: GIVE_BACK });
  }

  /** 0 when it may go on, and is counted; else the seconds to wait for. */
  async take(kind: AttemptKind, who: string): Promise<number> {
    const key = keyOf(kind, who);
    const free = Math.max(1, Math.round(FREE[kind] * this.settings.rateLimitScale));
    const ttlMs = CACHE.attempts.ttl * 1000;
    const left = await this.client.attempt(
      (redis) => redis.takeAttempt(key, free, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, ttlMs),
      null,
    );
    const waits = left ?? this.waitHere(key, free);
    // Here as well: who makes Redis late, or waits for its end, does not begin anew.
    if (waits === 0) this.countHere(key);
    return Math.ceil(waits / 1000);
  }

  /** It was no guess. */
  async giveBack(kind: AttemptKind, who: string): Promise<void> {
    const key = keyOf(kind, who);
    const here = this.local.get(key);
    if (here && here.count > 0) here.count -= 1;
    await this.client.attempt((redis) => redis.giveAttemptBack(key), null);
  }

  /** Who was let in begins anew. */
  async forget(kind: AttemptKind, who: string): Promise<void> {
    const key = keyOf(kind, who);
    this.local.delete(key);
    await this.client.attempt((redis) => redis.del(key), null);
  }

  private waitHere(key: string, free: number): number {
    const { count, at } = this.countedHere(key);
    if (count < free) return 0;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(count - free, MOST_DOUBLINGS));
    return Math.max(0, at + pause - Date.now());
  }

  private countHere(key: string): void {
    const { count } = this.countedHere(key);
    this.local.delete(key);
    const [oldest] = this.local.keys();
    if (this.local.size >= MOST_LOCAL && oldest !== undefined) this.local.delete(oldest);
    this.local.set(key, { count: count + 1, at: Date.now() });
  }

  private countedHere(key: string): { count: number; at: number } {
    const kept = this.local.get(key);
    return kept && Date.now() - kept.at < CACHE.attempts.ttl * 1000 ? kept : { count: 0, at: 0 };
  }
}

/** Emails are no part of names in Redis. */
function keyOf(kind: AttemptKind, who: string): string {
  return CACHE.attempts.key(kind, createHash('sha256').update(who).digest('base64url'));
}
