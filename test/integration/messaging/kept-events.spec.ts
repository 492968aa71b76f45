import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { sweep } from '../../../src/background.jobs';
import { RepublishService } from '../../../src/messaging/outbox/republish.service';
import { eventually } from '../../support/eventually';
import { metric } from '../../support/metrics';
import { ScratchDatabase } from '../../support/scratch-database';
import { Shop } from '../../support/shop';
import { cli, Stores } from '../../support/stores';

describe('kept events', () => {
  let scratch: ScratchDatabase;
  let database: DataSource;

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('users');
    database = await scratch.open();
    await database.runMigrations();
  }, 60_000);
  beforeEach(() => database.query('DELETE FROM outbox'));
  afterAll(() => scratch.drop());

  /** An event that occurred and was published so many days ago; named by both. */
  const add = async (occurred: number, published: number | null): Promise<void> => {
    await database.query(
      `INSERT INTO outbox (event_id, topic, key, type, subject, traceparent, schema_version, data, occurred_at, published_at)
       VALUES ($1, 't', $2, 'test.probe', $1, '', 1, '{}',
               shop_now() - make_interval(days => $3), shop_now() - make_interval(days => $4))`,
      [randomUUID(), `${occurred}/${published ?? 'never'}`, occurred, published],
    );
  };
  const left = async (where = 'true'): Promise<string[]> => {
    const rows: { key: string }[] = await database.query(`SELECT key FROM outbox WHERE ${where} ORDER BY position`);
    return rows.map(({ key }) => key);
  };

  it('are swept 8 days after they were published, and never before they were', async () => {
    await add(40, null);
    await add(40, 9);
    await add(40, 7);
    await add(9, 0);
    await sweep(database);
    expect(await left()).toEqual(['40/never', '40/7', '9/0']);
  });

  it('inbox rows and idempotency keys go when nothing can ask for them', async () => {
    await database.query(
      `INSERT INTO inbox (listener_group, event_id, received_at)
       SELECT 'days-' || days, gen_random_uuid(), shop_now() - make_interval(days => days)
       FROM unnest(array[7, 29, 31]) AS days`,
    );
    await database.query(
      `INSERT INTO idempotency_keys (scope, key, request_hash, response, created_at)
       SELECT 'test', hours::text, '', '{}', shop_now() - make_interval(hours => hours)
       FROM unnest(array[23, 25]) AS hours`,
    );
    await sweep(database);
    const groups = await database.query('SELECT listener_group FROM inbox ORDER BY received_at DESC');
    expect(groups).toEqual([{ listener_group: 'days-7' }, { listener_group: 'days-29' }]);
    expect(await database.query('SELECT key FROM idempotency_keys')).toEqual([{ key: '23' }]);
  });

  it('are published again from a time on, all at once, and not what is published meanwhile', async () => {
    await database.query(
      `INSERT INTO outbox (event_id, topic, key, type, subject, traceparent, schema_version, data, published_at)
       SELECT gen_random_uuid(), 't', 'bulk', 'test.probe', gen_random_uuid(), '', 1, '{}', shop_now() - interval '1 day'
       FROM generate_series(1, 12000)`,
    );
    await add(3, 3);
    await add(1, -1);
    const service = new RepublishService(database, database, database);
    const since = new Date(Date.now() - 2 * 24 * 3600 * 1000);
    expect(await service.republish('users', since)).toBe(12_000);
    expect(await left(`key <> 'bulk' AND published_at IS NULL`)).toEqual([]);
    expect(await left('published_at IS NULL')).toHaveLength(12_000);
  });
});

describe('republishing the events of an order', () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  it('by the command, changes nothing that they have done', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    const before = new Date(Date.now() - 1_000).toISOString();
    const { id } = await customer.buy(product.id, 2);
    await customer.orderInStatus(id, 'processing');
    await eventually('stock to be committed', async () => {
      const { quantity } = await stores.row<{ quantity: number }>(
        'products',
        'SELECT quantity FROM inventory WHERE product_id = $1',
        [product.id],
      );
      return quantity === 3;
    });

    const duplicates = () => metric(shop.stack.apiUrls, 'inbox_duplicates_total{group="tradepost-inventory"}');
    const known = (await duplicates()) ?? 0;

    const said = await cli('republish', 0, ['--since', before, '--database', 'orders']);
    expect(said).toMatch(/^orders: [1-9]\d* events are published again$/m);
    expect(said).not.toMatch(/users|products/);

    await eventually('the inventory to drop it', async () => ((await duplicates()) ?? 0) > known, 20_000);
    expect(
      await stores.row('products', 'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1', [
        product.id,
      ]),
    ).toEqual({ quantity: 3, reserved_quantity: 0 });
    const mails = await stores.row(
      'users',
      `SELECT count(*)::int AS mails FROM notifications WHERE order_id = $1 AND type = 'email.order_confirmation'`,
      [id],
    );
    expect(mails).toEqual({ mails: 1 });
    expect(await shop.charges(id)).toHaveLength(1);
  }, 90_000);

  it.each([[[]], [['--since', 'yesterday']], [['--since', '2026-01-31T12:00:00']]])(
    'is refused without a time that all agree on: %p',
    async (args) => {
      await expect(cli('republish', 0, args)).rejects.toThrow(/ISO 8601 time with a zone/);
    },
  );
});
