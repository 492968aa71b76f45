import { randomUUID } from 'node:crypto';
import { Shop } from '../support/shop';
import { Stores } from '../support/stores';

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
});
