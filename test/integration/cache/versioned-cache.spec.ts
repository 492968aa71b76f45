import { randomUUID } from 'node:crypto';
import { VersionedCache, type Versioned } from '../../../src/cache/versioned-cache.service';
import { CacheRoom } from './cache-room';

type Entry = Versioned & { value: string };

describe('what stands in Redis under sessions and carts', () => {
  const room = new CacheRoom();
  const cache = new VersionedCache(room.client, room.metrics);
  const entry = (version: number, value = `version ${version}`): Entry => ({ version, value });

  beforeAll(() => room.open());
  afterAll(() => room.close());

  it('is never replaced by what a slow reader saw before', async () => {
    const key = `test:${randomUUID()}`;
    await cache.write(key, 60, entry(2));
    await cache.write(key, 60, entry(1));
    expect(await cache.read<Entry>(key)).toEqual(entry(2));
    await cache.write(key, 60, entry(2, 'read again'));
    expect(await cache.read<Entry>(key)).toEqual(entry(2, 'read again'));
    await cache.write(key, 60, entry(3));
    expect(await cache.read<Entry>(key)).toEqual(entry(3));
  });

  it('once removed is not brought back by one', async () => {
    const key = `test:${randomUUID()}`;
    await cache.write(key, 60, entry(4));
    await cache.drop(key, 5);
    await cache.write(key, 60, entry(4));
    expect(await cache.read<Entry>(key)).toBeNull();
    await cache.write(key, 60, entry(5));
    expect(await cache.read<Entry>(key)).toEqual(entry(5));
  });

  it('once removed is not brought back by one after an older removal came late', async () => {
    const key = `test:${randomUUID()}`;
    await cache.drop(key, 5);
    await cache.drop(key, 3);
    await cache.write(key, 60, entry(4));
    expect(await cache.read<Entry>(key)).toBeNull();
  });

  it('lives as long as it is told, and gives way when it can not be read', async () => {
    const key = `test:${randomUUID()}`;
    await room.client.redis.set(key, 'no JSON');
    await cache.write(key, 60, entry(1));
    expect(await cache.read<Entry>(key)).toEqual(entry(1));
    expect(await room.client.redis.ttl(key)).toBeGreaterThan(55);
    expect(await cache.read<Entry>(key, ({ version }) => version > 1)).toBeNull();
  });
});
