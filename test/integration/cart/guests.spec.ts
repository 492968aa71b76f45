import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { GuestCartsRepository } from '../../../src/cart/guest-carts.repository';
import { ScratchDatabase } from '../../support/scratch-database';
import { Shop, type Problem } from '../../support/shop';
import { Stores } from '../../support/stores';
import { Guest, guestWith, quantitiesOf, type CartBody } from './cart-counter';

const shop = new Shop();
const stores = new Stores();
const secret = process.env['JWT_SECRET'] ?? '';
const DAY = 86_400;

afterAll(() => stores.close());

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token made by hand. */
function signed(claims: object, key: string | Buffer, alg = 'HS256', hash = 'sha256'): string {
  const text = `${base64url({ alg, typ: 'JWT' })}.${base64url(claims)}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

const key = Buffer.from(hkdfSync('sha256', secret, '', 'tradepost cart token', 32));

describe("a guest's cart", () => {
  it('is made by the first thing put in, found by its token, changed and emptied', async () => {
    const [lantern, rope] = await Promise.all([shop.product(7), shop.product(5, '0.10')]);
    const guest = new Guest(shop.visitor(0));
    const first = await guest.add(lantern.id, 2);
    expect([first.status, quantitiesOf(first.body)]).toEqual([200, { [lantern.id]: 2 }]);
    const now = Date.now() / 1000;
    expect(guest.claims).toEqual({ sub: expect.any(String), aud: 'cart', exp: expect.any(Number) });
    expect(Math.abs(guest.claims.exp - now - 30 * DAY)).toBeLessThan(60);
    expect(await stores.redis.ttl(`guest_cart:${guest.id}`)).toBeGreaterThan(3_500);

    const { sub } = guest.claims;
    await guest.add(rope.id);
    expect(guest.claims.sub).toBe(sub);
    const elsewhere = await shop.visitor(1).send<CartBody>('GET', '/v1/cart', undefined, guest.headers);
    expect(quantitiesOf(elsewhere.body)).toEqual({ [lantern.id]: 2, [rope.id]: 1 });
    expect(elsewhere.headers.get('x-cart-token')).toBeNull();
    await guest.send('PATCH', `/v1/cart/items/${lantern.id}`, { quantity: 4 });
    const left = await guest.send('DELETE', `/v1/cart/items/${rope.id}`);
    expect(quantitiesOf(left.body)).toEqual({ [lantern.id]: 4 });
    expect((await guest.send('DELETE', '/v1/cart')).body.items).toEqual([]);
    expect((await guest.send('GET', '/v1/cart')).body.items).toEqual([]);
  });

  it('loses none of what is added at the same time', async () => {
    const product = await shop.product(5);
    const guest = await guestWith(shop, [product.id, 1]);
    const twin = new Guest(shop.visitor(1));
    twin.token = guest.token;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? guest : twin).add(product.id)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(quantitiesOf((await guest.send('GET', '/v1/cart')).body)).toEqual({ [product.id]: 21 });
  });

  it('keeps its limits, and takes what comes with one Idempotency-Key once', async () => {
    const product = await shop.product(5);
    const guest = await guestWith(shop, [product.id, 990]);
    const more = await guest.add(product.id, 10);
    expect([more.status, more.body.code]).toEqual([409, 'cart.quantity_too_high']);
    const headers = { ...guest.headers, 'idempotency-key': randomUUID() };
    const once = { productId: product.id, quantity: 2 };
    await guest.visitor.send('POST', '/v1/cart/items', once, headers);
    const again = await guest.visitor.send<CartBody>('POST', '/v1/cart/items', once, headers);
    expect([quantitiesOf(again.body), again.headers.get('idempotent-replayed')]).toEqual([
      { [product.id]: 992 },
      'true',
    ]);
    const other = await guestWith(shop, [product.id, 1]);
    const theirs = { ...other.headers, 'idempotency-key': headers['idempotency-key'] };
    const own = await other.visitor.send<CartBody>('POST', '/v1/cart/items', once, theirs);
    expect(quantitiesOf(own.body)).toEqual({ [product.id]: 3 });
  });

  it('is not made for a product that is not sold', async () => {
    const answer = await new Guest(shop.visitor(0)).add(randomUUID());
    expect([answer.status, answer.headers.get('x-cart-token')]).toEqual([404, null]);
  });

  it('counts as any other route of strangers', async () => {
    const answer = await new Guest(shop.visitor(0)).add((await shop.product(1)).id);
    expect(answer.headers.get('ratelimit-policy')).toContain('w=60');
  });
});

describe('the token of a cart', () => {
  it('is refused when it is forged, foreign, expired or of no cart, also at sign-in', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(5)]);
    const guest = await guestWith(shop, [product.id, 1]);
    const { claims } = guest;
    const { exp: _, ...timeless } = claims;
    const get = (token: string) =>
      shop.visitor(0).send<CartBody & Problem>('GET', '/v1/cart', undefined, { 'x-cart-token': token });
    expect((await get(signed(claims, key))).status).toBe(200);
    const refused: Record<string, string> = {
      none: `${base64url({ alg: 'none' })}.${base64url(claims)}.`,
      HS512: signed(claims, key, 'HS512', 'sha512'),
      "the access tokens' secret": signed(claims, secret),
      'an access token': customer.token ?? '',
      'another audience': signed({ ...claims, aud: 'session' }, key),
      'no audience': signed({ sub: claims.sub, exp: claims.exp }, key),
      expired: signed({ ...claims, exp: Math.floor(Date.now() / 1000) - 1 }, key),
      'no expiry': signed(timeless, key),
      'no id': signed({ ...claims, sub: "' OR true" }, key),
      garbage: 'not.a.token',
      twice: `${guest.token}, ${guest.token}`,
    };
    for (const [what, token] of Object.entries(refused)) {
      const [read, login] = await Promise.all([get(token), guest.login(customer, { 'x-cart-token': token })]);
      expect([what, read.status, read.body.code]).toEqual([what, 401, 'cart.invalid_token']);
      expect([what, login.status, login.body.code]).toEqual([what, 401, 'cart.invalid_token']);
      expect(read.headers.get('content-type')).toContain('application/problem+json');
    }
    const noCart = await get(signed({ ...claims, sub: randomUUID() }, key));
    expect([noCart.status, noCart.body.code]).toEqual([401, 'cart.invalid_token']);
    const asBearer = await shop.visitor(0).send('GET', '/v1/cart', undefined, {
      authorization: `Bearer ${guest.token}`,
    });
    expect([asBearer.status, asBearer.body.code]).toEqual([401, 'unauthenticated']);
  });

  it('is in the OpenAPI document beside the bearer token', async () => {
    const { paths } = await shop.visitor(0).get<{
      paths: Record<string, Record<string, { security: object[] }>>;
    }>('/docs-json');
    const both = [{ bearer: [] }, { cartToken: [] }];
    expect(paths['/v1/cart']?.['get']?.security).toEqual(both);
    expect(paths['/v1/cart/items']?.['post']?.security).toEqual([...both, {}]);
    expect(paths['/v1/orders']?.['post']?.security).toEqual([{ bearer: [] }]);
  });
});

describe("old guests' carts", () => {
  let scratch: ScratchDatabase;
  let database: DataSource;

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('users');
    database = await scratch.open();
    await database.runMigrations();
  }, 60_000);
  afterAll(() => scratch.drop());

  it('go with their lines, in batches; young ones and those of users stay', async () => {
    const add = async (owner: string, days: number): Promise<string> => {
      const id = randomUUID();
      await database.query(
        `INSERT INTO carts (id, ${owner}, updated_at) VALUES ($1, $1, shop_now() - make_interval(days => $2))`,
        [id, days],
      );
      await database.query('INSERT INTO cart_items (cart_id, product_id, quantity) VALUES ($1, $1, 1)', [id]);
      return id;
    };
    await database.query('ALTER TABLE carts DROP CONSTRAINT carts_user_id_fkey');
    const kept = [await add('guest_id', 30), await add('user_id', 400)];
    for (let i = 0; i < 3; i += 1) await add('guest_id', 32 + i);

    const guests = new GuestCartsRepository();
    const sweep = () => database.transaction((tx) => guests.sweep(tx, 31, 2));
    expect([await sweep(), await sweep(), await sweep()]).toEqual([2, 1, 0]);
    const left: { id: string }[] = await database.query('SELECT cart_id AS id FROM cart_items');
    expect(left.map(({ id }) => id).sort()).toEqual([...kept].sort());
  });
});
