import { randomUUID } from 'node:crypto';
import { AuditOffice, idsOf, type BoughtOrder, type Report } from './audit-office';

interface Plant {
  name: string;
  /** What must be found of this order, and nothing else. */
  broken: string[];
  token?: string;
  plant: (office: AuditOffice, order: BoughtOrder, other: BoughtOrder) => Promise<unknown>;
}

const setOrder =
  (change: string, undo: string) =>
  (office: AuditOffice, { id }: BoughtOrder) =>
    office.plant('orders', `UPDATE orders SET ${change} WHERE id = $1`, `UPDATE orders SET ${undo} WHERE id = $1`, [
      id,
    ]);
const setPayment =
  (change: string, undo: string) =>
  (office: AuditOffice, { paymentId }: BoughtOrder) =>
    office.plant('orders', `UPDATE payments SET ${change} WHERE id = $1`, `UPDATE payments SET ${undo} WHERE id = $1`, [
      paymentId,
    ]);
const setStock =
  (change: string, undo: string) =>
  (office: AuditOffice, { productId }: BoughtOrder) =>
    office.plant(
      'products',
      `UPDATE inventory SET ${change} WHERE product_id = $1`,
      `UPDATE inventory SET ${undo} WHERE product_id = $1`,
      [productId],
    );
const refund =
  (status: string, amount: string) =>
  (office: AuditOffice, { paymentId }: BoughtOrder) =>
    office.plant(
      'orders',
      `INSERT INTO refunds (id, payment_id, cause, amount, reason, status)
     SELECT gen_random_uuid(), id, 'planted', ${amount}, 'planted', '${status}' FROM payments WHERE id = $1`,
      `DELETE FROM refunds WHERE payment_id = $1 AND cause = 'planted'`,
      [paymentId],
    );
const withoutEvent =
  (type: string) =>
  (office: AuditOffice, { id }: BoughtOrder) =>
    office.remove('orders', 'outbox', 'order_id = $1 AND type = $2', [id, type]);

const PLANTS: Plant[] = [
  {
    name: 'a piece is reserved by nobody',
    broken: ['stock.reserved'],
    plant: setStock('reserved_quantity = reserved_quantity + 1', 'reserved_quantity = reserved_quantity - 1'),
  },
  {
    name: 'a piece came without a movement',
    broken: ['stock.ledger'],
    plant: setStock('quantity = quantity + 1', 'quantity = quantity - 1'),
  },
  {
    name: 'a checkout expired whose stock was sold',
    broken: ['checkout.reservations'],
    plant: (office, { checkoutId }) =>
      office.plant(
        'products',
        `UPDATE checkouts SET status = 'expired' WHERE id = $1`,
        `UPDATE checkouts SET status = 'claimed' WHERE id = $1`,
        [checkoutId],
      ),
  },
  {
    name: 'an order vanished',
    broken: ['answer.order', 'placement.order'],
    plant: async (office, { id }) => {
      await office.remove('orders', 'shipments', 'order_id = $1', [id]);
      await office.remove('orders', 'order_items', 'order_id = $1', [id]);
      await office.remove('orders', 'orders', 'id = $1', [id]);
    },
  },
  {
    name: "a payment became another order's",
    broken: ['order.payment', 'payment.event', 'payment.placement', 'placement.payment'],
    plant: (office, { id, paymentId }) =>
      office.plant(
        'orders',
        `UPDATE payments SET order_id = gen_random_uuid() WHERE id = $1 AND order_id = $2`,
        `UPDATE payments SET order_id = $2 WHERE id = $1`,
        [paymentId, id],
      ),
  },
  {
    name: 'the placement of a live order ended',
    broken: ['order.placement', 'payment.kept'],
    plant: (office, { id }) =>
      office.plant(
        'orders',
        `UPDATE placements SET status = 'ended' WHERE order_id = $1`,
        `UPDATE placements SET status = 'live' WHERE order_id = $1`,
        [id],
      ),
  },
  {
    name: 'one cart version became two live orders',
    broken: ['order.placement', 'order.twice', 'payment.kept'],
    plant: async (office, { id }, other) => {
      const { cart_id, cart_version } = await office.stores.row<{ cart_id: string; cart_version: number }>(
        'orders',
        'SELECT cart_id, cart_version FROM placements WHERE order_id = $1',
        [id],
      );
      const set = `UPDATE placements SET status = $4, cart_id = $2, cart_version = $3 WHERE order_id = $1`;
      const values = [id, cart_id, cart_version, 'live'];
      // `ended` keeps the unique index out of it: the order itself says that it lives.
      const twin = `UPDATE placements p SET status = 'ended', cart_id = o.cart_id, cart_version = o.cart_version
                    FROM placements o WHERE p.order_id = $1 AND o.order_id = '${other.id}'
                      AND ($2::uuid, $3::int, $4::text) IS NOT NULL`;
      await office.plant('orders', twin, set, values);
    },
  },
  {
    name: 'an order is pending though it is paid',
    broken: ['order.stock', 'order.undecided'],
    plant: setOrder(`status = 'pending'`, `status = 'processing'`),
  },
  {
    name: 'an order goes on though its payment waits',
    broken: ['order.unpaid'],
    plant: setPayment(`status = 'initiated', next_try_at = shop_now() + interval '1 hour'`, `status = 'succeeded'`),
  },
  {
    name: 'a payment is not of the total',
    broken: ['order.amount', 'provider.charged_otherwise'],
    plant: setPayment('amount = amount + 1', 'amount = amount - 1'),
  },
  { name: 'a change of an order was not told', broken: ['order.event'], plant: withoutEvent('order.confirmed') },
  { name: 'a payment was not told of', broken: ['payment.event'], plant: withoutEvent('payment.succeeded') },
  {
    name: 'more was given back than paid',
    broken: ['payment.refunded', 'payment.refunds', 'provider.refund_missing'],
    plant: refund('succeeded', 'amount + 1'),
  },
  { name: 'a refund was refused', broken: ['refund.failed'], plant: refund('failed', 'amount') },
  {
    name: 'an order has other pieces than its stock',
    broken: ['order.pieces'],
    plant: (office, { id }) =>
      office.plant(
        'orders',
        'UPDATE order_items SET quantity = quantity + 1 WHERE order_id = $1',
        'UPDATE order_items SET quantity = quantity - 1 WHERE order_id = $1',
        [id],
      ),
  },
  {
    name: 'a parcel was dealt with and not prepared',
    broken: ['effect.shipment'],
    plant: setOrder(`status = 'confirmed'`, `status = 'processing'`),
  },
  {
    name: 'a confirmation was dealt with and not written',
    broken: ['effect.notification'],
    plant: async (office, { id }) => {
      const attempts = 'notification_id IN (SELECT id FROM notifications WHERE order_id = $1)';
      await office.remove('users', 'notification_attempts', attempts, [id]);
      await office.remove('users', 'notifications', 'order_id = $1', [id]);
    },
  },
  {
    name: 'a confirmation was given up',
    broken: ['notification.dead'],
    plant: (office, { id }) =>
      office.plant(
        'users',
        `UPDATE notifications SET status = 'dead' WHERE order_id = $1`,
        `UPDATE notifications SET status = 'sent' WHERE order_id = $1`,
        [id],
      ),
  },
  {
    name: 'a group does not know an event',
    broken: ['event.unhandled'],
    plant: async (office, { id }) => {
      const { event_id } = await office.stores.row<{ event_id: string }>(
        'orders',
        `SELECT event_id FROM outbox WHERE order_id = $1 AND type = 'order.confirmed'`,
        [id],
      );
      await office.remove('products', 'inbox', 'event_id = $1', [event_id]);
    },
  },
  {
    name: 'a group does not know an event, which lies among its dead letters',
    broken: [],
    plant: async (office, { id }) => {
      const { event_id } = await office.stores.row<{ event_id: string }>(
        'orders',
        `SELECT event_id FROM outbox WHERE order_id = $1 AND type = 'order.confirmed'`,
        [id],
      );
      await office.remove('products', 'inbox', 'event_id = $1', [event_id]);
      await office.plant(
        'orders',
        `INSERT INTO dead_letters (id, dlq_topic, dlq_partition, dlq_offset, failed_at, listener_group, topic, event_id,
           event_type, order_id, headers, error, stack)
         VALUES (gen_random_uuid(), 'planted', 0, 0, now(), 'tradepost-inventory', 'order-events', $1,
           'order.confirmed', $2, '{}', 'planted', 'planted')`,
        'DELETE FROM dead_letters WHERE event_id = $1 AND order_id = $2',
        [event_id, id],
      );
    },
  },
  {
    name: 'an order counts as archived and is not',
    broken: ['archive.copy'],
    plant: (office, { id }) =>
      office.plant(
        'orders',
        `UPDATE orders SET completed_at = shop_now(), archived_at = shop_now(), archived_version = version WHERE id = $1`,
        'UPDATE orders SET completed_at = NULL, archived_at = NULL, archived_version = NULL WHERE id = $1',
        [id],
      ),
  },
  {
    name: 'a cancellation was dealt with and its payment waits',
    broken: ['effect.payment'],
    token: 'tok_declined',
    plant: setPayment(`status = 'initiated', next_try_at = shop_now() + interval '1 hour'`, `status = 'failed'`),
  },
  {
    name: 'a cancellation was dealt with and its stock is claimed',
    broken: ['effect.stock', 'order.stock'],
    token: 'tok_declined',
    plant: async (office, order) => {
      await setStock('reserved_quantity = reserved_quantity + 2', 'reserved_quantity = reserved_quantity - 2')(
        office,
        order,
      );
      await office.plant(
        'products',
        `UPDATE reservations SET status = 'claimed' WHERE order_id = $1`,
        `UPDATE reservations SET status = 'released' WHERE order_id = $1`,
        [order.id],
      );
    },
  },
  {
    name: 'the provider keeps two charges',
    broken: ['charge.twice'],
    plant: async (office, { id }) => {
      const charges = `${office.shop.stack.providerUrl}/charges`;
      const post = async (url: string, body: object) => {
        const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
        const made: { id: string } = JSON.parse(await response.text());
        return made;
      };
      const { id: second } = await post(charges, { orderId: id, amount: '1.00', currency: 'USD', token: 'tok_ok' });
      office.afterwards(() => post(`${charges}/${second}/refunds`, { amount: '1.00' }));
    },
  },
];

/** Each breach on an order of its own, all looked at together: a check that takes one for another shows as well. */
describe('a planted breach', () => {
  let office: AuditOffice;
  let report: Report;
  const orders = new Map<string, BoughtOrder>();
  let other: BoughtOrder;

  beforeAll(async () => {
    office = await AuditOffice.open();
    other = await office.buy();
    for (const { name, token } of PLANTS) {
      orders.set(name, await office.buy(token === 'tok_declined' ? 'cancelled' : 'processing', token));
    }
    await office.settled([...orders.values(), other]);
    for (const { name, plant } of PLANTS) {
      const order = orders.get(name);
      if (order) await plant(office, order, other);
    }
    report = await office.report();
  }, 300_000);

  afterAll(() => office.close());

  it.each(PLANTS)('$name: $broken', ({ name, broken }) => {
    const order = orders.get(name);
    expect(order).toBeDefined();
    expect(AuditOffice.brokenFor(report, ...(order ? idsOf(order) : []))).toEqual(broken);
  });

  it('is told with ids, in words, and with what to do about it', () => {
    for (const breach of report.breaches) {
      expect(breach).toEqual({
        invariant: expect.stringMatching(/^[a-z]+\.[a-z_]+$/),
        ids: expect.arrayContaining([expect.any(String)]),
        detail: expect.stringContaining(' '),
        repair: expect.stringMatching(/^(the repair|for people|the charge worker)/),
      });
    }
    expect(report.skipped).toEqual([]);
    expect(report.checked).toMatchObject({
      products: expect.any(Number),
      orders: expect.any(Number),
      charges: expect.any(Number),
    });
  });

  it('is not there any more once it is made undone', async () => {
    await office.undo();
    const ids = [...orders.values()].flatMap(idsOf);
    expect(AuditOffice.brokenFor(await office.report(), ...ids)).toEqual([]);
  }, 60_000);
});
