import { randomUUID } from 'node:crypto';
import { writeEntry } from '../../../src/cache/cache-entry';
import type { Filling } from '../../../src/cache/cache.service';
import { leaseOf } from '../../../src/cache/keys';
import { eventually } from '../../support/eventually';
import { CacheRoom } from './cache-room';

/** A database of one row, which answers when it is let. */
class SlowRow {
  loads = 0;
  private gate: Promise<void> = Promise.resolve();
  private open: () => void = () => undefined;

  constructor(public value: string | null) {}

  /** From now on a load has read, but does not answer, until `release`. */
  hold(): void {
    this.gate = new Promise((resolve) => (this.open = resolve));
  }

  release(): void {
    this.open();
    this.gate = Promise.resolve();
  }

  readonly load = async (): Promise<string | null> => {
    this.loads += 1;
    const seen = this.value;
    await this.gate;
    return seen;
  };
}

describe('an entry of the cache', () => {
  const workers = [new CacheRoom(), new CacheRoom()] as const;
  const [one, other] = workers;
  const filling = (row: SlowRow): Filling => ({ ttl: 60, absentTtl: 5, load: row.load });
  const newKey = () => `test:${randomUUID()}`;
  const text = async (room: CacheRoom, key: string, row: SlowRow) =>
    (await room.cache.read(key, filling(row)))?.text ?? null;
  const begun = (row: SlowRow, loads: number) =>
    eventually('the row to be read', () => Promise.resolve(row.loads >= loads));

  beforeAll(() => Promise.all(workers.map((room) => room.open())));
  afterAll(() => workers.forEach((room) => room.close()));

  it('is filled once, however many ask in however many workers', async () => {
    const key = newKey();
    const row = new SlowRow('popular');
    row.hold();
    const asked = Array.from({ length: 100 }, (_, i) => text(workers[i % 2 === 0 ? 0 : 1], key, row));
    await begun(row, 1);
    row.release();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['popular']));
    expect(row.loads).toBe(1);
    expect(await one.client.redis.pttl(key)).toBeGreaterThan(60_000 * 0.9 - 1_000);
  });

  it('is read without waiting longer than the bound, when whoever fills it is stuck', async () => {
    const key = newKey();
    const row = new SlowRow('slow');
    row.hold();
    const stuck = text(one, key, row);
    await begun(row, 1);
    const begunAt = Date.now();
    expect(await text(other, key, new SlowRow('read by itself'))).toBe('read by itself');
    expect(Date.now() - begunAt).toBeLessThan(1_000);
    row.release();
    expect(await stuck).toBe('slow');
  });

  it('near its end is refreshed by one, while everyone gets what is there', async () => {
    const key = newKey();
    const row = new SlowRow('new');
    const entry = { mark: '', tag: 'old', text: 'old', ttlMs: 60_000 };
    await one.client.redis.set(key, writeEntry(entry, Date.now() - 59_000), 'PX', 1_000_000);
    row.hold();
    const asked = Array.from({ length: 20 }, (_, i) => text(workers[i % 2 === 0 ? 0 : 1], key, row));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['old']));
    await begun(row, 1);
    row.release();
    await eventually('the entry to be new', async () => (await text(other, key, row)) === 'new');
    expect(row.loads).toBe(1);
  });

  it.each(['forget', 'whileChanging'] as const)('read before a change is not stored after it (%s)', async (verb) => {
    const key = newKey();
    const row = new SlowRow('old');
    row.hold();
    const reader = text(one, key, row);
    await begun(row, 1);
    const commit = () => {
      row.value = 'new';
      return Promise.resolve();
    };
    if (verb === 'forget') await commit().then(() => other.cache.forget(key));
    else await other.cache.whileChanging([key], commit);
    row.release();
    // It began before the change: the old text is right for it alone.
    expect(await reader).toBe('old');
    expect(await text(one, key, row)).toBe('new');
    expect(await text(other, key, row)).toBe('new');
    expect(await one.sample('cache_fills_total{cache="test",outcome="refused"}')).toBeGreaterThan(0);
  });

  it('of a writer that died between its commit and the end of the change is not believed', async () => {
    const key = newKey();
    const row = new SlowRow('old');
    expect(await text(one, key, row)).toBe('old');
    await new Promise<void>((resolve) => {
      void other.cache.whileChanging([key], () => {
        row.value = 'new';
        resolve();
        return new Promise(() => undefined);
      });
    });
    expect(await text(one, key, row)).toBe('new');
    row.value = 'newer';
    expect(await text(one, key, row)).toBe('newer');
    expect(await one.client.redis.pttl(key)).toBeGreaterThan(0);
  });

  it('stays unfillable until the last of two changes at once has ended', async () => {
    const key = newKey();
    const row = new SlowRow('old');
    await one.cache.whileChanging([key], async () => {
      await other.cache.whileChanging([key], () => Promise.resolve());
      await one.cache.whileChanging([key], () => text(other, key, row));
    });
    expect(await one.client.redis.exists(key)).toBe(0);
    expect(await text(one, key, row)).toBe('old');
    expect(await one.client.redis.exists(key)).toBe(1);
  });

  it('of what is not there is known for a while, and no longer than until it is', async () => {
    const key = newKey();
    const row = new SlowRow(null);
    expect([await text(one, key, row), await text(other, key, row)]).toEqual([null, null]);
    expect(row.loads).toBe(1);
    expect(await one.client.redis.pttl(key)).toBeLessThanOrEqual(5_000);
    await other.cache.whileChanging([key], () => Promise.resolve((row.value = 'made')));
    expect(await text(one, key, row)).toBe('made');
  });

  it('whose loading fails frees the way for the next', async () => {
    const key = newKey();
    const fail: Filling = { ttl: 60, load: () => Promise.reject(new Error('away')) };
    await expect(one.cache.read(key, fail)).rejects.toThrow('away');
    expect(await one.client.redis.exists(leaseOf(key))).toBe(0);
    expect(await text(other, key, new SlowRow('there'))).toBe('there');
  });

  it('of another mark is of the past', async () => {
    const key = newKey();
    const of = (mark: string) => one.cache.read(key, { ttl: 60, mark, load: () => Promise.resolve(`of ${mark}`) });
    expect((await of('a'))?.text).toBe('of a');
    expect((await of('b'))?.text).toBe('of b');
    const first = await of('b');
    expect(first?.tag).toBe((await of('b'))?.tag);
  });
});
