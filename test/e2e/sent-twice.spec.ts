import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setStock } from '../support/catalogue';
import { eventually } from '../support/eventually';
import { Shop, type Answer, type CheckoutBody, type Problem, type Visitor } from '../support/shop';
import { Stores } from '../support/stores';
import { whileLocked } from '../support/table-lock';

/** A phone on a bad network, an impatient click, two tabs: one order. */
describe('the same wish sent twice', () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  const oneOrderOneCharge = async (userId: string): Promise<void> => {
    const orders = await stores.rows<{ id: string }>('orders', 'SELECT id FROM orders WHERE user_id = $1', [userId]);
    expect(orders).toHaveLength(1);
    const customerOrder = orders[0]?.id ?? '';
    await shop.admin().then((admin) => admin.orderInStatus(customerOrder, 'processing'));
    const charges = await shop.charges(customerOrder);
    expect(charges).toHaveLength(1);
  };

  it('with the same key, at once: one order, one charge, one answer', async () => {
    const product = await shop.product(10);
    const customer = await shop.customer();
    await customer.addToCart(product.id);
    const checkout = await customer.checkout(await customer.address());
    const key = randomUUID();
    const both = await Promise.all([
      customer.tryOrder(checkout.id, 'tok_ok', key),
      customer.tryOrder(checkout.id, 'tok_ok', key),
    ]);
    // The second either waited for nothing (409, try again) or found the stored answer.
    const statuses = both.map((answer) => answer.status).sort();
    expect([
      [201, 201],
      [201, 409],
    ]).toContainEqual(statuses);
    const again = await customer.tryOrder(checkout.id, 'tok_ok', key);
    const first = both.find((answer) => answer.status === 201);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first?.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    await oneOrderOneCharge(customer.userId);
  });

  it('with two keys for one checkout: one order, and a 409 that names it', async () => {
    const product = await shop.product(10);
    const customer = await shop.customer();
    await customer.addToCart(product.id);
    const checkout = await customer.checkout(await customer.address());
    const both = await Promise.all([customer.tryOrder(checkout.id), customer.tryOrder(checkout.id)]);
    expect(both.map((answer) => answer.status).sort()).toEqual([201, 409]);
    expect(both.find((answer) => answer.status === 409)?.body.code).toBe('checkout.used');
    await oneOrderOneCharge(customer.userId);
  });

  const tryCheckout = (customer: Visitor, shippingAddressId: string, key: string) =>
    customer.send<CheckoutBody & Problem>('POST', '/v1/checkouts', { shippingAddressId }, { 'idempotency-key': key });

  const isReplayed = (answer: Answer<object>): boolean => answer.headers.get('idempotent-replayed') === 'true';

  it('a checkout, with the same key, while the first still runs: no waiting, one checkout, held once', async () => {
    const product = await shop.product(10);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 3);
    const addressId = await customer.address();
    const key = randomUUID();
    const { first } = await whileLocked('products', 'checkouts', async (waiting) => {
      const running = tryCheckout(customer, addressId, key);
      await waiting(1);
      const others = await Promise.all(Array.from({ length: 4 }, () => tryCheckout(customer, addressId, key)));
      for (const { status, body, headers } of others) {
        expect([status, body.code, headers.get('retry-after')]).toEqual([409, 'idempotency.in_progress', '1']);
      }
      return { first: running };
    });
    const made = await first;
    expect([made.status, isReplayed(made)]).toEqual([201, false]);
    const again = await tryCheckout(customer, addressId, key);
    expect([again.status, isReplayed(again), again.body]).toEqual([201, true, made.body]);
    const checkouts = await stores.rows('products', 'SELECT status FROM checkouts WHERE user_id = $1', [
      customer.userId,
    ]);
    expect(checkouts).toEqual([{ status: 'held' }]);
  });

  it('with the same key and another body: 422, and nothing is done', async () => {
    const product = await shop.product(10);
    const customer = await shop.customer();
    await customer.addToCart(product.id);
    const checkout = await customer.checkout(await customer.address());
    const key = randomUUID();
    await customer.tryOrder(checkout.id, 'tok_ok', key);
    const other = await customer.tryOrder(checkout.id, 'tok_declined', key);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
    await oneOrderOneCharge(customer.userId);
  });

  it('after a refusal, with the same key: only successes are kept', async () => {
    const product = await shop.product(1);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 2);
    const addressId = await customer.address();
    const key = randomUUID();
    expect(await tryCheckout(customer, addressId, key)).toMatchObject({
      status: 409,
      body: { code: 'checkout.out_of_stock' },
    });
    expect(await stores.rows('products', 'SELECT 1 FROM idempotency_keys WHERE key = $1', [key])).toEqual([]);
    await setStock(await shop.admin(), product.id, 2);
    const second = await tryCheckout(customer, addressId, key);
    expect([second.status, isReplayed(second)]).toEqual([201, false]);
    const orderKey = randomUUID();
    const gone = randomUUID();
    expect((await customer.tryOrder(gone, 'tok_ok', orderKey)).status).toBe(404);
    expect((await customer.tryOrder(second.body.id, 'tok_ok', orderKey)).status).toBe(201);
    await oneOrderOneCharge(customer.userId);
  });

  it('because the line broke before the answer: the same order, charged once', async () => {
    const product = await shop.product(10);
    const customer = await shop.customer(0);
    await customer.addToCart(product.id);
    const checkout = await customer.checkout(await customer.address());
    const key = randomUUID();
    await whileLocked('orders', 'placements', async (waiting) => {
      const sent = request(`${customer.baseUrl}/v1/orders`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${customer.token}`,
          'idempotency-key': key,
        },
      });
      sent.end(JSON.stringify({ checkoutId: checkout.id, payment: { provider: 'sandbox', token: 'tok_ok' } }));
      // Hanging up makes an error of it, here alone.
      sent.on('error', () => undefined);
      await waiting(1);
      const closed = new Promise((resolve) => sent.once('close', resolve));
      sent.destroy();
      await closed;
    });
    // While the first still runs it is 409; nobody hears its answer.
    const answer = await eventually('the order', async () => {
      const again = await customer.tryOrder(checkout.id, 'tok_ok', key);
      return again.status === 201 && again;
    });
    expect(isReplayed(answer)).toBe(true);
    await oneOrderOneCharge(customer.userId);
  });

  it('with Redis emptied in between: the same answers, to someone who is signed in yet', async () => {
    const product = await shop.product(10);
    const customer = await shop.customer();
    await customer.addToCart(product.id);
    const addressId = await customer.address();
    const keys = { checkout: randomUUID(), order: randomUUID() };
    const checkout = await tryCheckout(customer, addressId, keys.checkout);
    await stores.redis.flushall();
    const sameCheckout = await tryCheckout(customer, addressId, keys.checkout);
    expect([sameCheckout.status, isReplayed(sameCheckout), sameCheckout.body]).toEqual([201, true, checkout.body]);
    const order = await customer.tryOrder(checkout.body.id, 'tok_ok', keys.order);
    await stores.redis.flushall();
    const sameOrder = await customer.tryOrder(checkout.body.id, 'tok_ok', keys.order);
    expect([sameOrder.status, isReplayed(sameOrder), sameOrder.body]).toEqual([201, true, order.body]);
    await oneOrderOneCharge(customer.userId);
  });
});
