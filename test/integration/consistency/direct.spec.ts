import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ChargesCheck } from '../../../src/consistency/checks/charges.check';
import { ClaimsCheck, HoldsCheck } from '../../../src/consistency/checks/checkouts.check';
import { DueWorkChecks } from '../../../src/consistency/checks/due-work.check';
import { OutboxChecks } from '../../../src/consistency/checks/outbox.check';
import { NotificationsCheck } from '../../../src/consistency/checks/notifications.check';
import { TwinsCheck } from '../../../src/consistency/checks/placements.check';
import { StockCheck } from '../../../src/consistency/checks/stock.check';
import type { Check, Finding } from '../../../src/consistency/consistency.types';
import { MessagesAuditRepository } from '../../../src/consistency/messages-audit.repository';
import { MoneyAuditRepository } from '../../../src/consistency/money-audit.repository';
import { OrdersAuditRepository } from '../../../src/consistency/orders-audit.repository';
import { ProviderBooksClient } from '../../../src/consistency/provider-books.client';
import { StockAuditRepository } from '../../../src/consistency/stock-audit.repository';
import { Settings } from '../../../src/settings/settings';
import { ScratchDatabase } from '../../support/scratch-database';

const SCOPE = { settledFor: 120, days: 7 };
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What the shop's own workers would put right within a second, or a constraint never lets in: on empty databases. */
describe('a check by itself', () => {
  const scratches: ScratchDatabase[] = [];
  let users: DataSource;
  let products: DataSource;
  let orders: DataSource;

  const open = async (connection: 'users' | 'products' | 'orders'): Promise<DataSource> => {
    const scratch = await ScratchDatabase.create(connection);
    scratches.push(scratch);
    const source = await scratch.open();
    await source.runMigrations();
    return source;
  };

  beforeAll(async () => {
    users = await open('users');
    products = await open('products');
    orders = await open('orders');
  }, 60_000);

  afterAll(async () => {
    for (const scratch of scratches) await scratch.drop();
  });

  /** As the service does: a page of suspects, then a look at them. */
  const found = async (check: Check, settledFor = SCOPE.settledFor): Promise<Finding[]> => {
    const scope = { ...SCOPE, settledFor };
    return check.examine((await check.page(null, scope)).keys, scope);
  };
  const named = (checks: readonly Check[], name: string): Check => {
    const check = checks.find((one) => one.name === name);
    if (!check) throw new Error(`no check ${name}`);
    return check;
  };

  const product = async (): Promise<string> => {
    const id = randomUUID();
    await products.query(`INSERT INTO categories (id, name) VALUES ($1, 'Things')`, [id]);
    await products.query(
      `INSERT INTO products (id, name, price, sku, category_id) VALUES ($1::uuid, 'Thing', 1, $1::text, $1::uuid)`,
      [id],
    );
    return id;
  };
  const checkout = async (status: string, secondsAgo: number): Promise<{ id: string; orderId: string }> => {
    const [id, orderId, productId] = [randomUUID(), randomUUID(), await product()];
    await products.query(
      `INSERT INTO checkouts (id, user_id, order_id, cart_id, cart_version, status, lines, subtotal_amount, total_amount,
         shipping_address_id, shipping_address, shipping_method, expires_at)
       VALUES ($1, $1, $2, $1, 1, $3, '[]', 1, 1, $1, '{}', 'standard', shop_now() - make_interval(secs => $4))`,
      [id, orderId, status, secondsAgo],
    );
    await products.query(
      `INSERT INTO reservations (id, checkout_id, order_id, product_id, warehouse_id, quantity, status, expires_at, updated_at)
       VALUES ($1, $1, $2, $3, $1, 1, $4, shop_now(), shop_now() - make_interval(secs => $5))`,
      [id, orderId, productId, status, secondsAgo],
    );
    return { id, orderId };
  };
  const payment = async (status: string, dueSecondsAgo: number): Promise<{ id: string; orderId: string }> => {
    const [id, orderId] = [randomUUID(), randomUUID()];
    await orders.query(
      `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent, status, next_try_at)
       VALUES ($1, $2, $1, 'sandbox', 'tok_ok', 5, '${TRACE}', $3, shop_now() - make_interval(secs => $4))`,
      [id, orderId, status, dueSecondsAgo],
    );
    return { id, orderId };
  };

  it('finds holds that are overdue, not those that just ran out', async () => {
    const { id } = await checkout('held', 130);
    await checkout('held', 60);
    const check = new HoldsCheck(products, new StockAuditRepository());
    expect(await found(check)).toMatchObject([
      { invariant: 'checkout.overdue', ids: [id], fix: { verb: 'expire-holds' } },
    ]);
  });

  it('finds claims that were never placed, or are buried and not given back; not those with an order', async () => {
    const [lost, buried, placed] = [
      await checkout('claimed', 200),
      await checkout('claimed', 200),
      await checkout('claimed', 200),
    ];
    await checkout('claimed', 150);
    for (const [{ id, orderId }, status] of [
      [buried, 'tombstone'],
      [placed, 'live'],
    ] as const) {
      await orders.query('INSERT INTO placements (checkout_id, order_id, status) VALUES ($1, $2, $3)', [
        id,
        orderId,
        status,
      ]);
    }
    const check = new ClaimsCheck(products, orders, new StockAuditRepository(), new OrdersAuditRepository());
    const findings = await found(check);
    expect(findings.map(({ key }) => key).sort()).toEqual([lost.id, buried.id].sort());
    expect(findings[0]).toMatchObject({ invariant: 'checkout.unplaced', fix: { verb: 'reap-claims' } });
  });

  it('finds payments, refunds and notifications that nobody takes up', async () => {
    const due = await payment('unknown', 130);
    await payment('unknown', 100);
    await payment('succeeded', 500);
    const refunded = await payment('succeeded', 0);
    await orders.query(
      `INSERT INTO refunds (id, payment_id, cause, amount, reason, status, next_try_at)
       VALUES ($1, $1, 'x', 1, 'x', 'sending', shop_now() - interval '130 s')`,
      [refunded.id],
    );
    const mail = randomUUID();
    await users.query(
      `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, order_id, recipient, content, next_try_at)
       VALUES ($1, $1, $1, 'x', 'email', $1, $1, 'x', '{}', shop_now() - interval '130 s')`,
      [mail],
    );
    const { all } = new DueWorkChecks(orders, users, new MoneyAuditRepository(), new MessagesAuditRepository());
    expect(await found(named(all, 'due-payments'))).toMatchObject([
      { invariant: 'payment.stuck', ids: [due.id, due.orderId] },
    ]);
    expect(await found(named(all, 'due-refunds'))).toMatchObject([
      { invariant: 'refund.stuck', ids: [refunded.id, refunded.orderId] },
    ]);
    expect(await found(named(all, 'due-notifications'))).toMatchObject([
      { invariant: 'notification.stuck', ids: [mail, mail] },
    ]);
  });

  it('finds mails of orders that were given up, and none of accounts', async () => {
    const [ofOrder, ofAccount] = [randomUUID(), randomUUID()];
    await users.query(
      `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, order_id, recipient, content, status)
       VALUES ($1, $1, $1, 'x', 'email', $1, $1, 'x', '{}', 'dead'), ($2, $2, $2, 'x', 'email', $2, NULL, 'x', '{}', 'dead')`,
      [ofOrder, ofAccount],
    );
    expect(await found(new NotificationsCheck(users, new MessagesAuditRepository()))).toMatchObject([
      { invariant: 'notification.dead', ids: [ofOrder, ofOrder] },
    ]);
  });

  it('finds events that wait to be published for too long', async () => {
    const write = (seconds: number, published: string): Promise<{ event_id: string }[]> =>
      orders.query(
        `INSERT INTO outbox (event_id, topic, key, type, subject, traceparent, schema_version, data, occurred_at, published_at)
         VALUES (gen_random_uuid(), 'order-events', 'x', 'order.created', gen_random_uuid(), '${TRACE}', 1, '{}',
           shop_now() - make_interval(secs => $1), ${published})
         RETURNING event_id`,
        [seconds],
      );
    const [old] = await write(130, 'NULL');
    await write(60, 'NULL');
    await write(130, 'shop_now()');
    const { all } = new OutboxChecks(users, products, orders, new MessagesAuditRepository());
    expect(await found(named(all, 'unpublished.orders'))).toMatchObject([
      { invariant: 'event.unpublished', key: old?.event_id, queue: 'unpublished.orders' },
    ]);
    expect(await found(named(all, 'unpublished.users'))).toEqual([]);
  });

  it('finds stock that is oversold even where no constraint refuses it', async () => {
    const id = await product();
    await products.query('ALTER TABLE inventory DROP CONSTRAINT inventory_never_oversold_check');
    await products.query(
      'INSERT INTO inventory (product_id, warehouse_id, quantity, reserved_quantity) VALUES ($1, $1, 1, 2)',
      [id],
    );
    const findings = await found(new StockCheck(products, new StockAuditRepository()));
    expect(findings.map(({ invariant }) => invariant)).toEqual(['stock.range', 'stock.reserved', 'stock.ledger']);
  });

  it('finds two live orders of a checkout even where no constraint refuses them', async () => {
    await orders.query('ALTER TABLE orders DROP CONSTRAINT orders_checkout_id_key');
    const checkoutId = randomUUID();
    const ids: string[] = [];
    for (const status of ['pending', 'shipped', 'cancelled']) {
      const id = randomUUID();
      if (status !== 'cancelled') ids.push(id);
      await orders.query(
        `INSERT INTO orders (id, number, user_id, total_amount, subtotal_amount, status, shipping_address_id,
           shipping_address, shipping_method, payment_id, checkout_id)
         VALUES ($1, nextval('order_numbers'), $1, 1, 1, $2, $1, '{}', 'standard', $1, $3)`,
        [id, status, checkoutId],
      );
    }
    const findings = await found(new TwinsCheck(orders, new OrdersAuditRepository()));
    expect(findings).toMatchObject([{ invariant: 'order.twice', ids: ids.sort() }]);
  });

  describe("of the provider's books", () => {
    let books: Server;
    let listed: {
      id: string;
      orderId: string;
      status: string;
      amount: string;
      createdAt: string;
      refunds: object[];
    }[] = [];
    let check: ChargesCheck;

    beforeAll(async () => {
      books = createServer((request, response) => {
        const { searchParams } = new URL(request.url ?? '', 'http://books');
        const [orderId, since] = [searchParams.get('orderId'), searchParams.get('since')];
        const matching = listed.filter(
          (charge) => (orderId === null || charge.orderId === orderId) && charge.createdAt >= (since ?? ''),
        );
        response.end(JSON.stringify(matching.slice(0, Number(searchParams.get('limit') ?? 1000))));
      });
      await new Promise<void>((resolve) => books.listen(0, '127.0.0.1', resolve));
      const address: AddressInfo | string | null = books.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      const url = `http://127.0.0.1:${port}`;
      const settings = new Settings({ ...Settings.REQUIRED_FOR_DESCRIPTION, PAYMENT_PROVIDER_URL: url });
      check = new ChargesCheck(orders, new MoneyAuditRepository(), new ProviderBooksClient(settings));
    });

    afterAll(() => books.close());

    const charge = (orderId: string, status = 'succeeded', refunded: string[] = []) => {
      const made = {
        id: `ch_${randomUUID()}`,
        orderId,
        status,
        amount: '5.00',
        createdAt: new Date(Date.now() - 10_000 + listed.length).toISOString(),
        refunds: refunded.map((amount) => ({ amount })),
      };
      listed.push(made);
      return made;
    };

    it('finds more given back than taken, and a second charge that is kept; nothing else', async () => {
      const [good, twice, over] = [
        await payment('succeeded', 0),
        await payment('succeeded', 0),
        await payment('refunded', 0),
      ];
      for (const { id, orderId } of [good, twice, over]) {
        const { id: chargeId } = charge(orderId, 'succeeded', orderId === over.orderId ? ['5.00', '0.01'] : []);
        await orders.query('UPDATE payments SET charge_id = $2 WHERE id = $1', [id, chargeId]);
      }
      charge(twice.orderId);
      // Failed, or given back in full: no charge that is kept.
      charge(good.orderId, 'failed');
      charge(good.orderId, 'refunded', ['5.00']);
      const findings = await found(check);
      expect(findings.map(({ invariant, key }) => [invariant, key]).sort()).toEqual(
        [
          ['charge.refunds', over.orderId],
          ['charge.twice', twice.orderId],
        ].sort(),
      );
      expect((await check.page(null, SCOPE)).looked).toBe(6);
    });

    it('goes on by pages, to the end', async () => {
      listed = [];
      for (let i = 0; i < 1_001; i += 1) charge(randomUUID(), 'failed');
      const first = await check.page(null, SCOPE);
      expect(first.next).not.toBeNull();
      const second = await check.page(first.next, SCOPE);
      expect(second).toMatchObject({ keys: [], looked: 2, next: null });
    });
  });
});
