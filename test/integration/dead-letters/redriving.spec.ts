import { randomBytes, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Kafka, logLevel, type IHeaders, type KafkaMessage } from 'kafkajs';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../../src/database/sql';
import { readDeadLetter } from '../../../src/dead-letters/dead-letter.reader';
import { DeadLettersRepository } from '../../../src/dead-letters/dead-letters.repository';
import { DeadLettersSender } from '../../../src/dead-letters/dead-letters.sender';
import { RedrivesRepository } from '../../../src/dead-letters/redrives.repository';
import { Settings } from '../../../src/settings/settings';
import { eventually } from '../../support/eventually';
import { ScratchDatabase } from '../../support/scratch-database';
import { readStack } from '../../support/stack';

const run = randomBytes(6).toString('hex');
const topic = `redrive-test-${run}`;

/** The table and the senders by themselves, on a topic that nobody else hears. */
describe('redriving', () => {
  const letters = new DeadLettersRepository();
  const redrives = new RedrivesRepository();
  const kafka = new Kafka({ clientId: 'redrive-test', brokers: readStack().kafka, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  const arrived: KafkaMessage[] = [];
  let scratch: ScratchDatabase;
  let database: DataSource;
  let offset = 0;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    scratch = await ScratchDatabase.create('orders');
    database = await scratch.open();
    await database.runMigrations();
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
    await admin.disconnect();
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void arrived.push(message)) });
  }, 60_000);

  beforeEach(() => {
    arrived.length = 0;
  });

  afterAll(async () => {
    await consumer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    await scratch.drop();
  }, 30_000);

  const letter = (value: Buffer, headers: IHeaders = {}) => {
    offset += 1;
    const message = { key: Buffer.from('key'), value, timestamp: '1767225600000', attributes: 0 };
    return readDeadLetter(topic, 0, {
      ...message,
      offset: String(offset),
      headers: { 'x-group': 'tradepost-cart', ...headers },
    });
  };

  /** A stored dead letter that an admin wants to be sent again. */
  async function asked(value: Buffer, headers: IHeaders = {}): Promise<string> {
    const stored = letter(value, headers);
    await letters.insert(database, stored);
    await inTransaction(database, (tx) => redrives.request(tx, stored.id, randomUUID()));
    return stored.id;
  }

  const sender = (brokers: string) =>
    new DeadLettersSender(database, redrives, new Settings({ ...process.env, KAFKA_BROKERS: brokers }));
  const redriven = (id: string) =>
    eventually('it to be redriven', async () => {
      const now = await letters.find(database, id);
      return now?.status === 'redriven' && now;
    });

  it('waits for Kafka, then sends the bytes, key and headers as they were, for its group', async () => {
    const value = Buffer.from([0, 200, 255]);
    const id = await asked(value, { note: Buffer.from([1, 255]), 'x-error': 'cause' });
    const cut = sender('127.0.0.1:1');
    cut.work.start();
    const waiting = await eventually('a try that failed', async () => {
      const now = await letters.find(database, id);
      return typeof now?.lastError === 'string' && now;
    });
    expect(waiting).toMatchObject({ status: 'redriving', tries: 1, redrivenAt: null });
    await cut.beforeApplicationShutdown();

    await database.query('UPDATE dead_letters SET next_try_at = shop_now() WHERE id = $1', [id]);
    const working = sender(readStack().kafka.join(','));
    working.work.start();
    expect(await redriven(id)).toMatchObject({ lastError: null, tries: 2 });
    await working.beforeApplicationShutdown();
    await eventually('it in Kafka', () => Promise.resolve(arrived.length > 0));
    expect(arrived).toHaveLength(1);
    expect(arrived[0]).toMatchObject({ key: Buffer.from('key'), value });
    expect(arrived[0]?.headers).toEqual({
      note: Buffer.from([1, 255]),
      'x-redrive-group': Buffer.from('tradepost-cart'),
    });
  });

  it('by many senders at once sends each one once', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 15; i += 1) ids.push(await asked(Buffer.from(String(i))));
    const senders = [1, 2, 3, 4].map(() => sender(readStack().kafka.join(',')));
    for (const one of senders) one.work.start();
    await Promise.all(ids.map(redriven));
    await Promise.all(senders.map((one) => one.beforeApplicationShutdown()));

    await eventually('all in Kafka', () => Promise.resolve(arrived.length >= 15));
    expect(arrived.map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 15 }, (_, i) => i),
    );
  });

  it('leases a letter to one sender at a time, and does not wait for the other', async () => {
    const id = await asked(Buffer.from('leased'));
    await inTransaction(database, async (tx) => {
      expect(await redrives.leaseDue(tx, 60, 20)).toMatchObject([{ id }]);
      expect(await redrives.leaseDue(database, 60, 20)).toEqual([]);
    });
    expect(await redrives.leaseDue(database, 60, 20)).toEqual([]);
    await database.query('UPDATE dead_letters SET next_try_at = shop_now() WHERE id = $1', [id]);
    expect(await redrives.leaseDue(database, 60, 20)).toMatchObject([{ id, tries: 2 }]);
    await redrives.succeed(database, id);
  });

  it('is asked for once: a row that was decided stays as it is', async () => {
    const id = await asked(Buffer.from('once'));
    const before = await letters.find(database, id);
    await inTransaction(database, (tx) => redrives.request(tx, id, randomUUID()));
    await inTransaction(database, (tx) => redrives.discard(tx, id, randomUUID(), 'no'));
    expect(await letters.find(database, id)).toEqual(before);
    await redrives.succeed(database, id);
    await redrives.postpone(database, id, 1, 'late');
    expect(await letters.find(database, id)).toMatchObject({ status: 'redriven', lastError: null });
  });

  it('a dead letter read twice from Kafka is stored once; one at the same place after a lost disk is another', async () => {
    const first = letter(Buffer.from('x'));
    expect(await letters.insert(database, first)).toBe(true);
    expect(await letters.insert(database, { ...first, id: randomUUID() })).toBe(false);
    const later = { ...first, id: randomUUID(), failedAt: new Date('2026-02-01T00:00:00Z') };
    expect(await letters.insert(database, later)).toBe(true);
  });

  it('what was decided 90 days ago is swept, what is open stays', async () => {
    await database.query('DELETE FROM dead_letters');
    const [old, recent, open] = [
      await asked(Buffer.from('a')),
      await asked(Buffer.from('b')),
      letter(Buffer.from('c')),
    ];
    await letters.insert(database, open);
    for (const id of [old, recent]) await redrives.succeed(database, id);
    await database.query(`UPDATE dead_letters SET decided_at = shop_now() - interval '91 days' WHERE id = $1`, [old]);
    await database.query(`UPDATE dead_letters SET received_at = shop_now() - interval '1 year'`);
    expect(await letters.sweep(database, 90, 10)).toBe(1);
    const left = await letters.list(database, { status: null, group: null, topic: null }, null, 10);
    expect(left.map(({ id }) => id).sort()).toEqual([recent, open.id].sort());
  });
});
