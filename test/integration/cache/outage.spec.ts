import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Redis from 'ioredis';
import { VersionedCache } from '../../../src/cache/versioned-cache.service';
import { readStack } from '../../support/stack';
import { eventually } from '../../support/eventually';
import { wholeAgain } from '../../support/outage';
import { OddNetwork } from '../../support/odd-network';
import { CacheRoom } from './cache-room';

/** Of Redis; several times what else happens on this machine may delay an answer. */
const LIMIT_MS = 200;
const LIMITED = { REDIS_COMMAND_TIMEOUT_MS: String(LIMIT_MS) };

describe('Redis that answers no more', () => {
  const address = new URL(readStack().redis);
  const network = new OddNetwork(address.hostname, Number(address.port));
  const steady = new CacheRoom(LIMITED);
  let room: CacheRoom;

  const comeBack = async () => {
    network.restore();
    await eventually('Redis to be used again', () => Promise.resolve(room.circuit.closed));
  };
  const read = async (from: CacheRoom, key: string, value: string) =>
    (await from.cache.read(key, { ttl: 60, load: () => Promise.resolve(value) }))?.text;

  beforeAll(async () => {
    const url = new URL(process.env['REDIS_URL'] ?? address.href);
    url.hostname = '127.0.0.1';
    url.port = String(await network.open());
    room = new CacheRoom({ ...LIMITED, REDIS_URL: url.href });
    await Promise.all([room.open(), steady.open()]);
  });

  afterAll(() => {
    for (const each of [room, steady]) each.close();
    network.close();
  });

  it('that refuses one command is not down', async () => {
    const refused = room.client.attempt((redis) => redis.eval('return redis.call("NOSUCH")', 0), 'without');
    expect(await refused).toBe('without');
    expect(room.circuit.closed).toBe(true);
  });

  it('that takes no writes is not read from either, and told of them before it is', async () => {
    const [page, cart] = [`test:${randomUUID()}`, `test:${randomUUID()}`];
    const carts = new VersionedCache(steady.client, steady.metrics);
    expect(await read(steady, page, 'old')).toBe('old');
    await carts.write(cart, 60, { version: 1 });
    const own = new Redis(address.href);
    await own.config('SET', 'min-replicas-to-write', '1');
    try {
      await steady.cache.forget(page);
      await carts.replace(cart, 60, { version: 2 });
      expect(steady.circuit.closed).toBe(false);
      expect(await own.exists(page)).toBe(1);
      expect(await read(steady, page, 'new')).toBe('new');
      expect(await carts.read(cart)).toBeNull();
      // Who has nothing to tell learns of it by the first entry it may not store, and does not come back for reading.
      expect(await read(room, randomUUID(), 'of the database')).toBe('of the database');
      await sleep(1_200);
      expect([room.circuit.closed, steady.circuit.closed]).toEqual([false, false]);
    } finally {
      await own.config('SET', 'min-replicas-to-write', '0');
      own.disconnect();
    }
    await eventually('Redis to be used again', () => Promise.resolve(steady.circuit.closed && room.circuit.closed));
    expect(await read(steady, page, 'new')).toBe('new');
    expect(await carts.read(cart)).toEqual({ version: 2 });
    await wholeAgain();
  });

  it.each(['send', 'read'])('has answered in time when the process was too busy to %s it', async (what) => {
    const key = `test:${randomUUID()}`;
    await steady.client.redis.set(key, 'there');
    const answer = steady.client.attempt((redis) => redis.get(key), 'without');
    // What was asked for in this turn of the event loop leaves at its end.
    if (what === 'read') await new Promise(setImmediate);
    const busyUntil = performance.now() + 1.5 * LIMIT_MS;
    while (performance.now() < busyUntil);
    expect(await answer).toBe('there');
    expect(steady.circuit.closed).toBe(true);
  });

  it('costs its time limit once, then nothing', async () => {
    const key = `test:${randomUUID()}`;
    network.silence();
    const waits = [];
    for (let i = 0; i < 5; i += 1) {
      const begun = performance.now();
      expect(await room.client.attempt((redis) => redis.get(key), 'without')).toBe('without');
      waits.push(performance.now() - begun);
    }
    expect(Math.max(...waits)).toBeLessThan(3 * LIMIT_MS);
    // Twice when this machine is so busy that the limit itself rang late.
    expect(waits.filter((wait) => wait > LIMIT_MS / 2).length).toBeLessThanOrEqual(2);
    expect(room.circuit.closed).toBe(false);
    expect(await room.sample('redis_circuit_opens_total')).toBeGreaterThan(0);
    expect(await read(room, key, 'of the database')).toBe('of the database');
    await comeBack();
  });

  it('is told of what changed meanwhile before anyone reads from it again', async () => {
    const key = `test:${randomUUID()}`;
    expect(await read(room, key, 'old')).toBe('old');
    network.silence();
    await room.client.attempt((redis) => redis.get(key), null);
    await room.cache.forget(key);
    expect(await steady.client.redis.exists(key)).toBe(1);
    expect(await read(room, key, 'new')).toBe('new');
    await comeBack();
    expect(await read(room, key, 'new')).toBe('new');
    expect(await read(steady, key, 'new')).toBe('new');
  });

  it('keeps no session or cart of before', async () => {
    const key = `test:${randomUUID()}`;
    const cache = new VersionedCache(room.client, room.metrics);
    await cache.write(key, 60, { version: 1 });
    network.silence();
    await room.client.attempt((redis) => redis.get(key), null);
    await cache.replace(key, 60, { version: 2 });
    await comeBack();
    expect(await cache.read(key)).toEqual({ version: 2 });
  });
});
