import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually';
import { Shop, Visitor, type Answer, type Money, type Problem } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Cart {
  items: { productId: string; quantity: number; unitPrice: Money; lineTotal: Money; available: number }[];
  subtotal: Money;
}

const shop = new Shop();
const stores = new Stores();
const keyOf = (customer: Visitor) => `cart:${customer.userId}`;
const dollars = (amount: string): Money => ({ amount, currency: 'USD' });

afterAll(() => stores.close());

function add(
  customer: Visitor,
  productId: string,
  quantity = 1,
  headers: Record<string, string> = {},
): Promise<Answer<Cart & Problem>> {
  return customer.send('POST', '/v1/cart/items', { productId, quantity }, headers);
}

const quantitiesOf = (cart: Cart) => Object.fromEntries(cart.items.map((item) => [item.productId, item.quantity]));
const cartOf = (customer: Visitor) => customer.get<Cart>('/v1/cart');

/** The same customer at another app server. */
const elsewhere = (customer: Visitor) => new Visitor(shop.visitor(1).baseUrl, customer.token, customer.userId);

describe('a cart', () => {
  it('is filled, changed and emptied, with prices and stock of now', async () => {
    const [customer, lantern, rope] = await Promise.all([
      shop.customer(0),
      shop.product(7, '19.99'),
      shop.product(0, '0.10'),
    ]);
    expect(await cartOf(customer)).toEqual({ items: [], subtotal: dollars('0.00') });
    const added = await add(customer, lantern.id, 2);
    expect(added.status).toBe(200);
    expect(added.body).toEqual({
      items: [
        {
          productId: lantern.id,
          name: lantern.name,
          sku: lantern.sku,
          unitPrice: dollars('19.99'),
          quantity: 2,
          lineTotal: dollars('39.98'),
          available: 7,
        },
      ],
      subtotal: dollars('39.98'),
    });
    await add(customer, lantern.id, 1);
    const both = await add(customer, rope.id, 3);
    expect(both.body.subtotal).toEqual(dollars('60.27'));
    expect(both.body.items.map((item) => [item.quantity, item.available])).toEqual([
      [3, 7],
      [3, 0],
    ]);
    expect(await cartOf(elsewhere(customer))).toEqual(both.body);

    const path = `/v1/cart/items/${lantern.id}`;
    expect(quantitiesOf((await customer.send<Cart>('PATCH', path, { quantity: 5 })).body)).toMatchObject({
      [lantern.id]: 5,
    });
    expect(quantitiesOf((await customer.send<Cart>('DELETE', path)).body)).toEqual({ [rope.id]: 3 });
    const missing = await customer.send('DELETE', path);
    expect([missing.status, missing.body.code]).toEqual([404, 'cart.item_not_found']);
    expect((await customer.send('PATCH', path, { quantity: 1 })).status).toBe(404);
    const emptied = await customer.send<Cart>('DELETE', '/v1/cart');
    expect([emptied.status, emptied.body.items]).toEqual([200, []]);
    expect((await cartOf(elsewhere(customer))).items).toEqual([]);
  });

  it('loses none of what is added at the same time', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(5)]);
    const twin = elsewhere(customer);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => add(i % 2 ? customer : twin, product.id)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(quantitiesOf(await cartOf(customer))).toEqual({ [product.id]: 20 });
    expect(quantitiesOf(await cartOf(twin))).toEqual({ [product.id]: 20 });
    const row = await stores.row<{ version: number }>('users', 'SELECT version FROM carts WHERE user_id = $1', [
      customer.userId,
    ]);
    expect(row.version).toBe(20);
    expect(JSON.parse((await stores.redis.get(keyOf(customer))) ?? '{}')).toMatchObject({
      version: 20,
      items: [{ productId: product.id, quantity: 20 }],
    });
  });

  it('is read from PostgreSQL when Redis lost it, and stays a week in Redis', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(5)]);
    const { body } = await add(customer, product.id, 4);
    expect(await stores.redis.del(keyOf(customer))).toBe(1);
    expect(await cartOf(customer)).toEqual(body);
    expect(await stores.redis.ttl(keyOf(customer))).toBeGreaterThan(604_000);
  });

  it('shows a change that Redis missed after a minute', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(5)]);
    await add(customer, product.id, 4);
    const missed = (await stores.redis.get(keyOf(customer))) ?? '{}';
    await add(customer, product.id, 1);
    const entry: { checkedAt: number } = JSON.parse(missed);
    await stores.redis.set(keyOf(customer), JSON.stringify({ ...entry, checkedAt: entry.checkedAt - 61_000 }));
    expect(quantitiesOf(await cartOf(customer))).toEqual({ [product.id]: 5 });
  });

  it('takes what comes with one Idempotency-Key once', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(5)]);
    const key = { 'idempotency-key': randomUUID() };
    const first = await add(customer, product.id, 2, key);
    const again = await add(customer, product.id, 2, key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(again.body).toEqual(first.body);
    expect((await add(customer, product.id, 3, key)).status).toBe(422);
    expect(quantitiesOf(await cartOf(customer))).toEqual({ [product.id]: 2 });
  });

  it('keeps its limits', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(5)]);
    await add(customer, product.id, 999);
    const more = await add(customer, product.id, 1);
    expect([more.status, more.body.code]).toEqual([409, 'cart.quantity_too_high']);
    const { id: cartId } = await stores.row<{ id: string }>('users', 'SELECT id FROM carts WHERE user_id = $1', [
      customer.userId,
    ]);
    await stores.rows(
      'users',
      'INSERT INTO cart_items (cart_id, product_id, quantity) SELECT $1, gen_random_uuid(), 1 FROM generate_series(1, 99)',
      [cartId],
    );
    const line = await add(customer, (await shop.product(1)).id);
    expect([line.status, line.body.code]).toEqual([409, 'cart.too_many_items']);
    await stores.redis.del(keyOf(customer));
    expect(quantitiesOf(await cartOf(customer))).toEqual({ [product.id]: 999 });
  });

  it('takes only products that there are', async () => {
    const answer = await add(await shop.customer(0), randomUUID());
    expect([answer.status, answer.body.code]).toEqual([404, 'product.not_found']);
  });

  it.each([
    { quantity: 0 },
    { quantity: 1000 },
    { quantity: 1.5 },
    { quantity: '2' },
    { productId: 'lantern' },
    { unitPrice: dollars('0.01') },
  ])('refuses %j', async (wrong) => {
    const customer = await shop.customer(0);
    const answer = await customer.send('POST', '/v1/cart/items', { productId: randomUUID(), quantity: 1, ...wrong });
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('when its order is placed', () => {
  it('a cart loses what was ordered, once, and nothing that was added since', async () => {
    const [customer, lantern, rope] = await Promise.all([shop.customer(0), shop.product(9), shop.product(9)]);
    await add(customer, lantern.id, 2);
    await add(customer, rope.id, 1);
    const checkout = await customer.checkout(await customer.address());
    await add(customer, lantern.id, 3);
    await customer.order(checkout.id);
    expect(quantitiesOf(await cartOf(customer))).toEqual({ [lantern.id]: 3 });
  });

  it('an empty cart is gone from Redis', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(9)]);
    await customer.buy(product.id, 2);
    await eventually('the cart to leave Redis', async () => (await stores.redis.exists(keyOf(customer))) === 0);
    expect((await cartOf(customer)).items).toEqual([]);
  });
});
