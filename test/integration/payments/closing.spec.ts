import { OwnServer } from '../../support/own-server';
import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';

/** A server that is told to end with charges on their way, whose provider never answers. */
describe('closing with charges on their way', () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  it('ends cleanly within 10 s, and others decide what it had begun', async () => {
    const port = Number(new URL(shop.stack.apiUrls[1] ?? shop.stack.baseUrl).port) + 50;
    const server = await OwnServer.start(port);
    const product = await shop.product(20);
    const customer = await shop.customer();
    const addressId = await customer.address();
    const orders: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      await customer.addToCart(product.id);
      orders.push((await customer.order((await customer.checkout(addressId)).id, 'tok_unknown')).id);
    }
    const { code, ms } = await server.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    for (const id of orders) await customer.orderInStatus(id, 'processing', 60_000);
    for (const id of orders) expect(await shop.charges(id)).toHaveLength(1);
    const attempts = await stores.row<{ lookups: number }>(
      'orders',
      `SELECT count(*)::int AS lookups FROM payment_attempts
       WHERE kind = 'charge' AND payment_id IN (SELECT payment_id FROM orders WHERE id = ANY($1::uuid[]))`,
      [orders],
    );
    expect(attempts.lookups).toBe(orders.length);
  }, 120_000);
});
