import { eventually } from '../../support/eventually';
import { AuditOffice, idsOf, type BoughtOrder, type Outcome } from './audit-office';

/** What the repair heals: each on an order of its own, in one run; the run after it finds nothing to do. */
describe('the repair', () => {
  let office: AuditOffice;
  let first: Outcome;
  let second: Outcome;
  const order: Record<string, BoughtOrder> = {};
  const NAMES = ['counters', 'pending', 'cancelled', 'claimed', 'lost', 'forgotten', 'archived'] as const;

  const done = (name: (typeof NAMES)[number], outcome = first): string[] => {
    const ids = order[name] ? idsOf(order[name]) : [];
    return outcome.repaired.filter((one) => one.ids.some((id) => ids.includes(id))).map(({ invariant }) => invariant);
  };
  const idOf = (name: (typeof NAMES)[number]): string => order[name]?.id ?? '';
  const stockOf = (name: (typeof NAMES)[number]) =>
    office.stores.row<{ quantity: number; reserved_quantity: number; states: string[] }>(
      'products',
      `SELECT quantity, reserved_quantity,
              (SELECT array_agg(DISTINCT status::text) FROM reservations WHERE order_id = $2) AS states
       FROM inventory WHERE product_id = $1`,
      [order[name]?.productId, idOf(name)],
    );
  const orderRow = (name: (typeof NAMES)[number]) =>
    office.stores.row<{ status: string; archived_at: Date | null }>(
      'orders',
      'SELECT status, archived_at FROM orders WHERE id = $1',
      [idOf(name)],
    );
  const confirmedEvent = async (name: (typeof NAMES)[number]) =>
    (
      await office.stores.row<{ event_id: string }>(
        'orders',
        `SELECT event_id FROM outbox WHERE order_id = $1 AND type = 'order.confirmed'`,
        [idOf(name)],
      )
    ).event_id;
  const known = async (eventId: string) =>
    office.stores.rows('products', 'SELECT event_id FROM inbox WHERE event_id = $1', [eventId]);

  let lostEvent = '';
  let forgottenEvent = '';

  beforeAll(async () => {
    office = await AuditOffice.open();
    for (const name of NAMES) {
      order[name] = name === 'claimed' ? await office.buy('cancelled', 'tok_declined') : await office.buy();
    }
    await office.settled(Object.values(order));
    lostEvent = await confirmedEvent('lost');
    forgottenEvent = await confirmedEvent('forgotten');
    const { stores } = office;
    await stores.rows(
      'products',
      `UPDATE inventory SET quantity = quantity + 3, reserved_quantity = reserved_quantity + 1 WHERE product_id = $1`,
      [order['counters']?.productId],
    );
    await stores.rows('orders', `UPDATE orders SET status = 'pending' WHERE id = $1`, [idOf('pending')]);
    // Cancelled past the app, longer ago than events are kept.
    await stores.rows(
      'orders',
      `UPDATE orders SET status = 'cancelled', created_at = created_at - interval '9 days',
              updated_at = shop_now() - interval '9 days'
       WHERE id = $1`,
      [idOf('cancelled')],
    );
    await stores.rows('orders', `UPDATE placements SET status = 'ended' WHERE order_id = $1`, [idOf('cancelled')]);
    await stores.rows('products', `UPDATE reservations SET status = 'claimed' WHERE order_id = $1`, [idOf('claimed')]);
    await stores.rows('products', `UPDATE inventory SET reserved_quantity = 2 WHERE product_id = $1`, [
      order['claimed']?.productId,
    ]);
    await stores.rows('products', `DELETE FROM inbox WHERE event_id = $1`, [lostEvent]);
    await stores.deleteDocuments('order_timeline', { _id: forgottenEvent });
    await stores.rows(
      'orders',
      `UPDATE orders SET completed_at = shop_now(), archived_at = shop_now(), archived_version = version WHERE id = $1`,
      [idOf('archived')],
    );
    first = await office.repair();
    // What was published again is on its way.
    await eventually('the events to be known', async () => {
      const documents = await office.stores.documents('order_timeline', { _id: forgottenEvent });
      return documents.length === 1 && (await known(lostEvent)).length === 1;
    });
    await office.settled(Object.values(order));
    second = await office.repair();
  }, 300_000);

  afterAll(async () => {
    await office.stores.rows('orders', 'UPDATE orders SET completed_at = NULL WHERE id = $1', [idOf('archived')]);
    office.close();
  });

  it('adds counters up anew', async () => {
    expect(done('counters')).toEqual(['stock.reserved']);
    expect(await stockOf('counters')).toMatchObject({ quantity: 8, reserved_quantity: 0 });
  });

  it('is in the trail: that it began, what was done, and by whom', async () => {
    const trail = await office.admin.get<{ items: { action: string; actorId: string | null; after: object }[] }>(
      `/v1/admin/audit-log?subjectType=consistency&subjectId=${order['counters']?.productId ?? ''}`,
    );
    const [repaired, begun] = trail.items;
    expect([repaired?.action, begun?.action]).toEqual(['consistency.repaired', 'consistency.repair_begun']);
    expect(repaired).toMatchObject({ actorId: office.admin.userId, after: { invariant: 'stock.reserved' } });
    expect(begun?.after).toMatchObject({ verb: 'correct-stock' });
  });

  it('decides a pending order as its payment says', async () => {
    expect(done('pending')).toEqual(['order.undecided']);
    await order['pending']?.customer.orderInStatus(idOf('pending'), 'processing');
  });

  it('gives stock and money of a cancelled order back', async () => {
    expect(done('cancelled').sort()).toEqual(['order.stock', 'payment.kept']);
    expect(await stockOf('cancelled')).toEqual({ quantity: 10, reserved_quantity: 0, states: ['restocked'] });
    await order['cancelled']?.customer.paymentInStatus(idOf('cancelled'), 'refunded');
    expect(await office.shop.charges(idOf('cancelled'))).toMatchObject([{ status: 'refunded' }]);
  });

  it('settles stock whose event had no effect', async () => {
    expect(done('claimed')).toEqual(['effect.stock']);
    expect(await stockOf('claimed')).toEqual({ quantity: 10, reserved_quantity: 0, states: ['released'] });
  });

  it('publishes again what a group does not know, without a second effect', async () => {
    expect(done('lost')).toEqual(['event.unhandled']);
    expect(done('forgotten')).toEqual(['event.unhandled']);
    expect(await stockOf('lost')).toEqual({ quantity: 8, reserved_quantity: 0, states: ['committed'] });
  });

  it('has an order copied again that only counts as archived', async () => {
    expect(done('archived')).toEqual(['archive.copy']);
    expect(await orderRow('archived')).toMatchObject({ archived_at: null });
  });

  it('changes nothing the second time', () => {
    expect(NAMES.flatMap((name) => done(name, second))).toEqual([]);
    expect(AuditOffice.brokenFor(second.left, ...Object.values(order).flatMap(idsOf))).toEqual([]);
  });

  it('is for admins; support may look; customers may not', async () => {
    const support = await office.shop.customer();
    const look = () => support.send('GET', '/v1/admin/consistency');
    const repair = () => support.send('POST', '/v1/admin/consistency/repair');
    expect([(await look()).status, (await repair()).status]).toEqual([403, 403]);
    await office.stores.rows('users', `UPDATE users SET roles = '{support}' WHERE id = $1`, [support.userId]);
    const answers = await eventually('the session to know the new role', async () => {
      const looked = await look();
      return looked.status === 200 && [looked.status, (await repair()).status];
    });
    expect(answers).toEqual([200, 403]);
  }, 60_000);

  it.each(['settledFor=-1', 'settledFor=3601', 'days=0', 'days=9', 'days=x', 'since=now'])(
    'refuses ?%s',
    async (query) => {
      const answer = await office.admin.send('GET', `/v1/admin/consistency?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    },
  );
});
