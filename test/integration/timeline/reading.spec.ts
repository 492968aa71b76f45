import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { sql, type Executor } from '../../../src/database/sql';
import { EventsRepository } from '../../../src/timeline/events.repository';
import { PaymentStepsRepository } from '../../../src/timeline/payment-steps.repository';
import { eventually } from '../../support/eventually';
import { ScratchDatabase } from '../../support/scratch-database';

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

describe('reading what happened to an order', () => {
  const events = new EventsRepository();
  let scratch: ScratchDatabase;
  let database: DataSource;

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('orders');
    database = await scratch.open();
    await database.runMigrations();
  });

  afterAll(() => scratch.drop());

  async function emit(executor: Executor, orderId: string, type: string): Promise<void> {
    await sql(
      executor,
      `INSERT INTO outbox (event_id, topic, key, type, subject, order_id, traceparent, schema_version, data)
       VALUES (gen_random_uuid(), 'order-events', $1, $2, $3, $3, $4, 1, '{}')`,
      [orderId, type, orderId, TRACEPARENT],
    );
  }

  it('gives an order again when it has news, and only then', async () => {
    const [busy, idle] = [randomUUID(), randomUUID()];
    await emit(database, busy, 'order.created');
    await emit(database, idle, 'order.created');
    const known = (busyCount: number) => [
      { orderId: busy, count: busyCount },
      { orderId: idle, count: 1 },
    ];
    expect(await events.ofChanged(database, known(1))).toEqual([]);
    await emit(database, busy, 'order.confirmed');
    const news = await events.ofChanged(database, known(1));
    expect(news.map(({ orderId, type }) => [orderId, type])).toEqual([
      [busy, 'order.created'],
      [busy, 'order.confirmed'],
    ]);
  });

  it('misses no event that commits after a later one', async () => {
    const orderId = randomUUID();
    const slow = database.createQueryRunner();
    await slow.startTransaction();
    await emit(slow.manager, orderId, 'payment.refunded');
    await emit(database, orderId, 'order.cancelled');
    expect((await events.ofChanged(database, [{ orderId, count: 0 }])).map(({ type }) => type)).toEqual([
      'order.cancelled',
    ]);
    await slow.commitTransaction();
    await slow.release();
    expect((await events.ofChanged(database, [{ orderId, count: 1 }])).map(({ type }) => type)).toEqual([
      'payment.refunded',
      'order.cancelled',
    ]);
  });

  it('goes by indexes, however many orders there are', async () => {
    await database.query(
      `INSERT INTO outbox (event_id, topic, key, type, subject, order_id, traceparent, schema_version, data)
       SELECT gen_random_uuid(), 'order-events', 'key', 'order.created', id, id, $1, 1, '{}'
       FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 5000)) AS orders, generate_series(1, 4)`,
      [TRACEPARENT],
    );
    await database.query(
      `INSERT INTO provider_events (provider, event_id, type, payload)
       SELECT 'sandbox', 'evt_' || n, 'charge.succeeded',
              json_build_object('data', json_build_object('charge', json_build_object('idempotencyKey', gen_random_uuid())))
       FROM generate_series(1, 20000) AS n`,
    );
    const orderId = randomUUID();
    await database.query(
      `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent)
       VALUES ($1, $1, $1, 'sandbox', 'tok_ok', 1, $2)`,
      [orderId, TRACEPARENT],
    );
    await database.query('ANALYZE');
    const scans = async () => {
      const [row]: { sequential: string }[] = await database.query(
        `SELECT sum(seq_scan) AS sequential FROM pg_stat_user_tables
         WHERE schemaname = current_schema() AND relname IN ('outbox', 'provider_events')`,
      );
      const indexed: { name: string; scans: string }[] = await database.query(
        `SELECT indexrelname AS name, idx_scan AS scans FROM pg_stat_user_indexes
         WHERE schemaname = current_schema() AND indexrelname IN ('outbox_order_id_idx', 'provider_events_payment_idx')
         ORDER BY indexrelname`,
      );
      return { sequential: Number(row?.sequential), indexed: indexed.map((index) => Number(index.scans)) };
    };
    const before = await scans();
    await events.of(database, [orderId]);
    await events.ofChanged(database, [{ orderId, count: 7 }]);
    await new PaymentStepsRepository().of(database, [orderId]);
    const after = await eventually('the scans to be counted', async () => {
      const now = await scans();
      return now.indexed.every((count, index) => count > (before.indexed[index] ?? 0)) && now;
    });
    expect(after.sequential).toBe(before.sequential);
  });
});
