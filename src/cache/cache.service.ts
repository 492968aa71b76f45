import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnavailableError } from '../common/app-error';
import { absentEntry, entryOf, isAbsent, jitteredMs, readEntry, writeEntry, type Entry } from './cache-entry';
import { CacheMetrics } from './cache.metrics';
import { EntryLeases, LEASE_MS } from './entry-leases';
import { cacheNameOf, leaseOf } from './keys';
import { RedisClient } from './redis.client';
import { SingleFlight } from './single-flight';

export type { Entry } from './cache-entry';

const POLL_MS = 10;
/** A reader waits so long for the one who fills, then asks the database itself. */
const WAIT_MS = 200;
/** Longer than any transaction may take (`STATEMENT_TIMEOUT_MS`): until then nobody fills what a dead writer left marked. */
const CHANGE_MS = 60_000;

/** A mark, a time and a tag fit in. */
const HEAD_BYTES = 80;

/** How one entry is filled. */
export interface Filling {
  ttl: number;
  /** How long it is remembered that there is nothing; else it is not. */
  absentTtl?: number;
  /** An entry of another mark is of the past, as a list of another generation is. */
  mark?: string;
  /** The text, or null when there is nothing. */
  load: () => Promise<string | null>;
}

/**
 * Texts that can be read again from a database, served as they lie in Redis. What is missing is read by one process at
 * a time, which holds the entry's lease; a change removes entry and lease, so that what was read before it is never
 * stored after it.
 */
@Injectable()
export class Cache {
  private readonly flights = new SingleFlight<Entry | null>();
  private readonly refreshing = new Set<string>();
  private readonly leases: EntryLeases;

  constructor(
    private readonly client: RedisClient,
    private readonly metrics: CacheMetrics,
  ) {
    this.leases = new EntryLeases(client);
  }

  /** The texts under these keys in one command, for `through`; null for all while Redis is away. */
  lookUp(keys: readonly string[]): Promise<(string | null)[] | null> {
    return this.client.attempt((redis) => redis.mget([...keys]), null);
  }

  /** The beginning of an entry, which tells it from every other; '' when there is none, null while Redis is away. */
  head(key: string): Promise<string | null> {
    return this.client.attempt((redis) => redis.getrange(key, 0, HEAD_BYTES - 1), null);
  }

  /**
   * Begins a generation, which whoever changes what it stands for forgets. NX: of readers that find none at the same
   * time, one begins it. Null while Redis is away.
   */
  async beginGeneration({ key, ttl }: { key: () => string; ttl: number }): Promise<string | null> {
    await this.client.attempt((redis) => redis.set(key(), randomUUID(), 'EX', ttl, 'NX'), null);
    return this.client.attempt((redis) => redis.get(key()), null);
  }

  /** For who remembers what entries were made of, and saw that they are still the same. */
  unchanged(key: string, times = 1): void {
    this.metrics.read(cacheNameOf(key), 'hit', times);
  }

  /** The entry that `stored` is if it serves, else what `load` finds; null when there is nothing. */
  through(key: string, stored: string | null, filling: Filling): Promise<Entry | null> | Entry | null {
    const mark = filling.mark ?? '';
    const entry = this.stored(key, stored, mark);
    if (!entry) return this.flights.once(`${key}@${mark}`, () => this.fill(key, filling));
    if (Date.now() >= entry.refreshAt) void this.refresh(key, stored ?? '', filling);
    return isAbsent(entry) ? null : entry;
  }

  /** The entry that `stored` is if it serves, for who does not fill it. */
  stored(key: string, stored: string | null, mark = ''): Entry | null {
    const entry = stored === null ? null : readEntry(stored, mark);
    const outcome = !entry ? 'miss' : Date.now() < entry.refreshAt ? 'hit' : 'stale';
    this.metrics.read(cacheNameOf(key), outcome);
    return entry;
  }

  async read(key: string, filling: Filling): Promise<Entry | null> {
    const found = await this.lookUp([key]);
    return this.through(key, found?.[0] ?? null, filling);
  }

  /** For what is not stored now: of all in this process who ask for it, one at a time reads it. */
  unkept(key: string, load: () => Promise<string>): Promise<Entry | null> {
    return this.flights.once(`${key}@unkept`, async () => entryOf(await load()));
  }

  /** After the commit of a change of what these keys show; with Redis away, before this process reads from it again. */
  async forget(...keys: string[]): Promise<void> {
    if (keys.length === 0) return;
    const names = keys.flatMap((key) => [key, leaseOf(key)]);
    await this.client.insist(`forget ${keys.join(' ')}`, () => this.client.store.mdel(...names));
  }

  /** Throws UnavailableError when it could not be done now, for those who are asked again later. */
  async mustForget(...keys: string[]): Promise<void> {
    if (keys.length === 0) return;
    const names = keys.flatMap((key) => [key, leaseOf(key)]);
    const removed = await this.client.attempt((redis) => redis.del(names), null);
    if (removed === null) throw new UnavailableError('Redis');
  }

  /**
   * Runs `work`, which commits a change of what these keys show. They are marked before it and fillable again after it:
   * a writer that dies between its commit and the end leaves the mark, not the old entry.
   */
  async whileChanging<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const end = await this.beginChange(keys);
    try {
      return await work();
    } finally {
      await end();
    }
  }

  /** The same for who comes to know the keys within the transaction: its end is told by what this gives. */
  async beginChange(keys: readonly string[]): Promise<() => Promise<void>> {
    if (keys.length === 0) return () => Promise.resolve();
    const token = randomUUID();
    const names = keys.flatMap((key) => [key, leaseOf(key)]);
    await this.client.attempt((redis) => redis.beginChange(names.length, ...names, token, CHANGE_MS), null);
    return () => this.client.insist(`change ${token}`, (redis) => redis.endChange(names.length, ...names, token));
  }

  /** Across processes one reads the database; the others see its entry soon, or give up waiting and read too. */
  private async fill(key: string, filling: Filling): Promise<Entry | null> {
    const token = randomUUID();
    const name = cacheNameOf(key);
    const mark = filling.mark ?? '';
    const giveUpAt = Date.now() + WAIT_MS;
    for (let waited = false; ; waited = true) {
      const looked = await this.leases.lookOrLease({ key, token, head: `${mark};` });
      if (looked.state === 'leased') return this.loadUnderLease(key, token, filling);
      const entry = looked.state === 'found' ? readEntry(looked.entry, mark) : null;
      if (entry) {
        if (waited) this.metrics.waited(name, 'filled');
        return isAbsent(entry) ? null : entry;
      }
      if (looked.state !== 'busy') break;
      if (Date.now() > giveUpAt) {
        this.metrics.waited(name, 'gave_up');
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const text = await filling.load();
    return text === null ? null : entryOf(text);
  }

  private async loadUnderLease(key: string, token: string, filling: Filling): Promise<Entry | null> {
    const name = cacheNameOf(key);
    let text: string | null;
    try {
      text = await filling.load();
    } catch (error) {
      this.metrics.filled(name, 'failed');
      await this.client.attempt((redis) => redis.giveBack(leaseOf(key), token), null);
      throw error;
    }
    const entry = text === null ? null : entryOf(text);
    const ttl = entry ? filling.ttl : filling.absentTtl;
    if (ttl === undefined) {
      await this.client.attempt((redis) => redis.giveBack(leaseOf(key), token), null);
      return entry;
    }
    const ttlMs = jitteredMs(ttl);
    const mark = filling.mark ?? '';
    const written = entry ? writeEntry({ mark, tag: entry.tag, text: entry.text, ttlMs }) : absentEntry(mark, ttlMs);
    const stored = await this.leases.fill({ key, token, entry: written, ttlMs });
    this.metrics.filled(name, stored === null ? 'failed' : stored ? 'stored' : 'refused');
    return entry;
  }

  /** Near the end of an entry's life: one of all processes reads it anew, and nobody waits. */
  private async refresh(key: string, stored: string, filling: Filling): Promise<void> {
    if (this.refreshing.has(key)) return;
    this.refreshing.add(key);
    try {
      const token = randomUUID();
      const leased = await this.client.attempt(
        (redis) => redis.leaseAgain(key, leaseOf(key), token, LEASE_MS, lineOf(stored)),
        0,
      );
      if (leased === 1) await this.loadUnderLease(key, token, filling);
    } catch {
      // Counted as a failed fill; the entry serves until its end.
    } finally {
      this.refreshing.delete(key);
    }
  }
}

/** The entry's first line, without its text. */
function lineOf(stored: string): string {
  return stored.slice(0, stored.indexOf('\n') + 1);
}
