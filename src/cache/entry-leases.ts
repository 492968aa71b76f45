import DataLoader from 'dataloader';
import type { Looked } from './cache.scripts';
import { leaseOf } from './keys';
import type { RedisClient } from './redis.client';

/** Longer than a healthy database takes to answer; a reader that takes longer stores nothing. */
export const LEASE_MS = 3_000;
/** Each script of Redis is one step that nobody else comes between. */
const AT_ONCE = 100;

interface Look {
  key: string;
  token: string;
  /** How an entry that is wanted begins. */
  head: string;
}

interface Fill {
  key: string;
  token: string;
  entry: string;
  ttlMs: number;
}

/**
 * Entries that are looked up to be filled. What is asked in one turn of the event loop goes to Redis in one command: a
 * page of products whose stock is nowhere would else be forty.
 */
export class EntryLeases {
  private readonly looks = new DataLoader<Look, Looked>((looks) => this.lookAll(looks), {
    cache: false,
    maxBatchSize: AT_ONCE,
  });
  private readonly fills = new DataLoader<Fill, boolean | null>((fills) => this.fillAll(fills), {
    cache: false,
    maxBatchSize: AT_ONCE,
  });

  constructor(private readonly client: RedisClient) {}

  /** The entry, or its lease if there is none and nobody has that. */
  lookOrLease(look: Look): Promise<Looked> {
    return this.looks.load(look);
  }

  /** Stores an entry under its lease; false when that was taken away meanwhile, null while Redis is away. */
  fill(fill: Fill): Promise<boolean | null> {
    return this.fills.load(fill);
  }

  private async lookAll(looks: readonly Look[]): Promise<Looked[]> {
    const names = looks.flatMap(({ key }) => [key, leaseOf(key)]);
    const tokens = looks.flatMap(({ token, head }) => [token, head]);
    const answers = await this.client.attempt(
      (redis) => redis.lookOrLease(names.length, ...names, LEASE_MS, ...tokens),
      null,
    );
    return looks.map((_, i) => {
      const [state, entry] = answers?.[i] ?? ['away'];
      return state === 'found' ? { state, entry: entry ?? '' } : { state };
    });
  }

  private async fillAll(fills: readonly Fill[]): Promise<(boolean | null)[]> {
    const names = fills.flatMap(({ key }) => [key, leaseOf(key)]);
    const entries = fills.flatMap(({ token, entry, ttlMs }) => [token, entry, ttlMs]);
    const stored = await this.client.attempt((redis) => redis.fill(names.length, ...names, ...entries), null);
    return fills.map((_, i) => (stored === null ? null : stored[i] === 1));
  }
}
