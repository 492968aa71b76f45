import { randomUUID } from 'node:crypto';
import { Shop, type ListedCharge, type OrderBody, type Problem, type Visitor } from '../../support/shop';
import { cli, Stores } from '../../support/stores';

interface RefundBody {
  id: string;
  orderId: string;
  amount: { amount: string };
  status: string;
}

/** Staff gives money back; the provider's ledger says what really went. */
describe('refunds by staff', () => {
  const shop = new Shop();
  const stores = new Stores();
  let admin: Visitor;
  let customer: Visitor;
  let productId: string;

  beforeAll(async () => {
    admin = await shop.admin();
    customer = await shop.customer();
    productId = (await shop.product(20)).id;
  });
  afterAll(() => stores.close());

  async function paid(): Promise<OrderBody> {
    const { id } = await customer.buy(productId, 2);
    return customer.orderInStatus(id, 'processing');
  }

  const refund = (orderId: string, amount: string | null, key: string | null = randomUUID()) =>
    admin.send<RefundBody & Problem>(
      'POST',
      `/v1/admin/orders/${orderId}/refund`,
      { reason: 'broken', ...(amount === null ? {} : { amount: { amount, currency: 'USD' } }) },
      key === null ? {} : { 'idempotency-key': key },
    );

  const ledger = async (orderId: string): Promise<ListedCharge[]> => {
    const response = await fetch(`${shop.stack.providerUrl}/charges?orderId=${orderId}`);
    const charges: ListedCharge[] = JSON.parse(await response.text());
    return charges;
  };

  it('in parts, then all that is left, and then no more', async () => {
    const { id } = await paid();
    const first = await refund(id, '10.00');
    expect(first).toMatchObject({
      status: 201,
      body: { orderId: id, amount: { amount: '10.00' }, status: 'requested' },
    });
    await customer.paymentInStatus(id, 'partially_refunded');
    expect(await refund(id, '29.99')).toMatchObject({
      status: 409,
      body: { code: 'refund.exceeds_payment', left: { amount: '29.98' } },
    });
    expect(await refund(id, null)).toMatchObject({ status: 201, body: { amount: { amount: '29.98' } } });
    await customer.paymentInStatus(id, 'refunded');
    expect(await ledger(id)).toMatchObject([
      { status: 'refunded', amount: '39.98', refunds: [{ amount: '10.00' }, { amount: '29.98' }] },
    ]);
    expect((await refund(id, null)).status).toBe(409);
    const events = await stores.rows(
      'orders',
      `SELECT type FROM outbox WHERE order_id = $1 AND type LIKE 'payment.%' ORDER BY position`,
      [id],
    );
    const types = ['payment.initiated', 'payment.succeeded', 'payment.refunded', 'payment.refunded'];
    expect(events).toEqual(types.map((type) => ({ type })));
  });

  it('asked for twice with one key go once, and answer alike', async () => {
    const { id } = await paid();
    const key = randomUUID();
    const answers = await Promise.all([refund(id, '5.00', key), refund(id, '5.00', key)]);
    const done = answers.filter(({ status }) => status === 201);
    expect(done.length).toBeGreaterThan(0);
    const again = await refund(id, '5.00', key);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(done[0]?.body);
    await customer.paymentInStatus(id, 'partially_refunded');
    expect(await ledger(id)).toMatchObject([{ refunds: [{ amount: '5.00' }] }]);
    expect((await refund(id, '6.00', key)).status).toBe(422);
  });

  it('at once from two desks never exceed what was paid', async () => {
    const { id } = await paid();
    const answers = await Promise.all([refund(id, '30.00'), refund(id, '30.00'), refund(id, '30.00')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    await customer.paymentInStatus(id, 'partially_refunded');
    expect(await ledger(id)).toMatchObject([{ refunds: [{ amount: '30.00' }] }]);
  });

  it('need a key, staff, and an order', async () => {
    const { id } = await paid();
    expect(await refund(id, '5.00', null)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    const path = `/v1/admin/orders/${id}/refund`;
    const asked = await customer.send('POST', path, { reason: 'mine' }, { 'idempotency-key': randomUUID() });
    expect(asked.status).toBe(403);
    expect((await refund(randomUUID(), '5.00')).status).toBe(404);
  });

  it("leave our books and the provider's in agreement", async () => {
    const { id } = await paid();
    expect((await refund(id, '5.00')).status).toBe(201);
    await customer.paymentInStatus(id, 'partially_refunded');
    // Among the lines of its log.
    const line = (await cli('reconcile')).split('\n').find((text) => text.startsWith('{"healed"'));
    const { cases }: { cases: { orderId: string | null }[] } = JSON.parse(line ?? '');
    expect(cases.filter(({ orderId }) => orderId === id)).toEqual([]);
  }, 60_000);

  it('leave the attempts of the payment on record', async () => {
    const { id } = await customer.buy(productId, 1, 'tok_flaky');
    await customer.orderInStatus(id, 'processing');
    const attempts = await stores.rows<{ kind: string; outcome: string }>(
      'orders',
      `SELECT kind, outcome FROM payment_attempts
       WHERE payment_id = (SELECT id FROM payments WHERE order_id = $1) ORDER BY id`,
      [id],
    );
    // The provider's webhook may decide before its answer does; the tries are kept all the same.
    expect(attempts.slice(0, 3)).toEqual([
      { kind: 'charge', outcome: 'refused_for_now' },
      { kind: 'lookup', outcome: 'refused_for_now' },
      { kind: 'lookup', outcome: expect.stringMatching(/^(succeeded|found|started)$/) },
    ]);
  });
});
