import { randomUUID } from 'node:crypto';
import { Counter, Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../../src/database/sql';
import { Inbox } from '../../../src/messaging/inbox/inbox.service';
import { ScratchDatabase } from '../../support/scratch-database';

describe('the inbox', () => {
  const duplicates = new Counter({ name: 'dropped', help: '-', labelNames: ['group'], registers: [new Registry()] });
  const inbox = new Inbox(duplicates);
  let scratch: ScratchDatabase;
  let database: DataSource;

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('users');
    database = await scratch.open();
    await database.runMigrations();
  });
  afterAll(() => scratch.drop());

  const claim = (eventId: string, group = 'shipping') =>
    inTransaction(database, (tx) => inbox.claim(tx, group, eventId));

  it('lets a group deal with an event once, however many take it at the same time', async () => {
    const eventId = randomUUID();
    const claims = await Promise.all(Array.from({ length: 5 }, () => claim(eventId)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const [counted] = (await duplicates.get()).values;
    expect(counted).toMatchObject({ value: 4, labels: { group: 'shipping' } });
  });

  it('is each group its own', async () => {
    const eventId = randomUUID();
    expect(await claim(eventId, 'shipping')).toBe(true);
    expect(await claim(eventId, 'payments')).toBe(true);
  });

  it('of a batch gives those that are new, each once and in their order', async () => {
    const [first, known, last] = [randomUUID(), randomUUID(), randomUUID()];
    await claim(known);
    const batch = [last, known, first, last].map((id) => ({ id }));
    const fresh = await inTransaction(database, (tx) => inbox.claimAll(tx, 'shipping', batch));
    expect(fresh.map(({ id }) => id)).toEqual([last, first]);
    expect(await inTransaction(database, (tx) => inbox.claimAll(tx, 'shipping', batch))).toEqual([]);
  });

  it('forgets an event whose effect failed with it', async () => {
    const eventId = randomUUID();
    const failing = inTransaction(database, async (tx) => {
      await inbox.claim(tx, 'shipping', eventId);
      throw new Error('the effect failed');
    });
    await expect(failing).rejects.toThrow('the effect failed');
    expect(await claim(eventId)).toBe(true);
  });
});
