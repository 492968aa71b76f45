import { Shop, type Money, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';
import type { CartBody } from './cart-counter';

const shop = new Shop();
const stores = new Stores();
const dollars = (amount: string): Money => ({ amount, currency: 'USD' });
const changesOf = (cart: CartBody) => cart.items.map(({ changes }) => changes);
const cartOf = (customer: Visitor) => customer.get<CartBody>('/v1/cart');

afterAll(() => stores.close());

async function edit(admin: Visitor, id: string, method: string, body?: object): Promise<void> {
  const answer = await admin.send(method, `/v1/admin/products/${id}`, body, { 'if-match': '*' });
  expect(answer.status).toBeLessThan(300);
}

describe('a cart whose products changed', () => {
  it('tells the price that was seen, until the line is set anew', async () => {
    const [customer, admin, product] = await Promise.all([shop.customer(0), shop.admin(), shop.product(9, '19.99')]);
    await customer.addToCart(product.id, 2);
    expect(changesOf(await cartOf(customer))).toEqual([undefined]);
    await edit(admin, product.id, 'PATCH', { price: dollars('24.50') });
    const changed = await cartOf(customer);
    expect(changesOf(changed)).toEqual([{ priceFrom: dollars('19.99') }]);
    expect([changed.items[0]?.unitPrice, changed.subtotal]).toEqual([dollars('24.50'), dollars('49.00')]);
    await stores.redis.del(`cart:${customer.userId}`);
    expect(await cartOf(customer)).toEqual(changed);
    const set = await customer.send<CartBody>('PATCH', `/v1/cart/items/${product.id}`, { quantity: 2 });
    expect(changesOf(set.body)).toEqual([undefined]);
    expect(changesOf(await cartOf(customer))).toEqual([undefined]);
  });

  it('counts the price as seen when more is added, and when it comes back', async () => {
    const [customer, admin, product] = await Promise.all([shop.customer(0), shop.admin(), shop.product(9, '19.99')]);
    await customer.addToCart(product.id);
    await edit(admin, product.id, 'PATCH', { price: dollars('18.00') });
    expect(changesOf(await cartOf(customer))).toEqual([{ priceFrom: dollars('19.99') }]);
    await edit(admin, product.id, 'PATCH', { price: dollars('19.99') });
    expect(changesOf(await cartOf(customer))).toEqual([undefined]);
    await edit(admin, product.id, 'PATCH', { price: dollars('17.00') });
    await customer.addToCart(product.id);
    expect(changesOf(await cartOf(customer))).toEqual([undefined]);
  });

  it('keeps a line off sale as it last was, and asks nothing for it', async () => {
    const [customer, admin, gone, stays] = await Promise.all([
      shop.customer(0),
      shop.admin(),
      shop.product(9, '19.99'),
      shop.product(9, '5.00'),
    ]);
    await customer.addToCart(gone.id, 2);
    await customer.addToCart(stays.id);
    await edit(admin, gone.id, 'DELETE');
    const cart = await cartOf(customer);
    expect(cart.subtotal).toEqual(dollars('5.00'));
    expect(cart.items[0]).toMatchObject({
      productId: gone.id,
      name: gone.name,
      unitPrice: dollars('19.99'),
      quantity: 2,
      available: 0,
      changes: { unavailable: true },
    });
    expect((await customer.send('POST', '/v1/cart/items', { productId: gone.id, quantity: 1 })).status).toBe(404);
    const refused = await customer.tryCheckout(await customer.address());
    expect(refused.status).toBe(409);
    await customer.send('DELETE', `/v1/cart/items/${gone.id}`);
    expect((await customer.tryCheckout(await customer.address())).status).toBe(201);
  });

  it('tells how many can be had when that is fewer', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(3)]);
    await customer.addToCart(product.id, 4);
    expect(changesOf(await cartOf(customer))).toEqual([{ onlyAvailable: 3 }]);
    await customer.send('PATCH', `/v1/cart/items/${product.id}`, { quantity: 3 });
    expect(changesOf(await cartOf(customer))).toEqual([undefined]);
  });

  it('knows nothing of the prices of lines from before they were kept', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(3)]);
    await customer.addToCart(product.id);
    await stores.rows(
      'users',
      'UPDATE cart_items SET seen_price = NULL WHERE cart_id = (SELECT id FROM carts WHERE user_id = $1)',
      [customer.userId],
    );
    await stores.redis.del(`cart:${customer.userId}`);
    expect(changesOf(await cartOf(customer))).toEqual([undefined]);
  });
});
