import { randomUUID } from 'node:crypto';
import { Shop, Visitor, type Problem } from '../../support/shop';
import { Stores } from '../../support/stores';
import {
  Guest,
  guestWith,
  PASSWORD,
  quantitiesOf,
  whileCartLocked,
  type CartBody,
  type SignedIn,
} from './cart-counter';

const shop = new Shop();
const stores = new Stores();

afterAll(() => stores.close());

const cartOf = async (customer: Visitor) => quantitiesOf(await customer.get<CartBody>('/v1/cart'));

const guestRows = ({ id }: Guest) => stores.rows('users', 'SELECT 1 FROM carts WHERE guest_id = $1', [id]);

async function expectGone(guest: Guest): Promise<void> {
  expect(await guestRows(guest)).toEqual([]);
  const [read, add] = [await guest.send('GET', '/v1/cart'), await guest.add((await shop.product(1)).id)];
  expect([read.status, add.status, add.body.code]).toEqual([401, 401, 'cart.invalid_token']);
}

describe("a guest's cart at sign-in", () => {
  it("goes into the customer's: of a product in both the larger quantity", async () => {
    const [customer, a, b, c] = await Promise.all([
      shop.customer(0),
      shop.product(9),
      shop.product(9),
      shop.product(9),
    ]);
    await customer.addToCart(a.id, 2);
    await customer.addToCart(b.id, 5);
    expect(Object.keys(await cartOf(customer))).toHaveLength(2);
    const guest = await guestWith(shop, [a.id, 3], [b.id, 1], [c.id, 4]);
    const login = await guest.login(customer);
    expect([login.status, login.body.cartMerge]).toEqual([200, { merged: 3, dropped: [] }]);
    expect(await cartOf(customer)).toEqual({ [a.id]: 3, [b.id]: 5, [c.id]: 4 });
    await expectGone(guest);
  });

  it('becomes the first cart of who registers, once however often it is sent', async () => {
    const product = await shop.product(9);
    const guest = await guestWith(shop, [product.id, 2]);
    const account = { email: `guest-${randomUUID()}@example.com`, password: PASSWORD, name: 'Ada Example' };
    const headers = { ...guest.headers, 'idempotency-key': randomUUID() };
    const register = () => guest.visitor.send<SignedIn & Problem>('POST', '/v1/auth/register', account, headers);
    const [first, again] = [await register(), await register()];
    expect([first.status, first.body.cartMerge]).toEqual([201, { merged: 1, dropped: [] }]);
    expect([again.status, again.body.cartMerge]).toEqual([201, undefined]);
    const customer = new Visitor(guest.visitor.baseUrl, again.body.accessToken, again.body.user.id);
    expect(await cartOf(customer)).toEqual({ [product.id]: 2 });
  });

  it('does not come back when its token is shown again', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(9)]);
    const guest = await guestWith(shop, [product.id, 2]);
    await guest.login(customer);
    await customer.send('DELETE', `/v1/cart/items/${product.id}`);
    const again = await guest.login(customer);
    expect([again.status, again.body.cartMerge]).toEqual([200, undefined]);
    expect(await cartOf(customer)).toEqual({});
  });

  it('stays when the password is wrong', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(9)]);
    const guest = await guestWith(shop, [product.id, 2]);
    const wrong = { email: customer.email, password: 'wrong horse battery' };
    expect((await guest.visitor.send('POST', '/v1/auth/login', wrong, guest.headers)).status).toBe(401);
    expect(quantitiesOf((await guest.send('GET', '/v1/cart')).body)).toEqual({ [product.id]: 2 });
  });

  it('goes to one of two who sign in with its token at once', async () => {
    const [one, other, product] = await Promise.all([shop.customer(0), shop.customer(0), shop.product(9)]);
    const guest = await guestWith(shop, [product.id, 2]);
    const logins = await whileCartLocked(guest, async (waiting) => {
      const both = [guest.login(one), guest.login(other)];
      await waiting(2);
      return both;
    });
    const answers = await Promise.all(logins);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.filter(({ body }) => body.cartMerge)).toHaveLength(1);
    const quantities = (await Promise.all([cartOf(one), cartOf(other)])).map((cart) => cart[product.id] ?? 0);
    expect(quantities.sort()).toEqual([0, 2]);
  });

  it('keeps the limit of lines: the oldest fit, and what does not is told', async () => {
    const [customer, known, older, younger] = await Promise.all([
      shop.customer(0),
      shop.product(9),
      shop.product(9),
      shop.product(9),
    ]);
    await customer.addToCart(known.id);
    await stores.rows(
      'users',
      `INSERT INTO cart_items (cart_id, product_id, quantity)
       SELECT id, gen_random_uuid(), 1 FROM carts, generate_series(1, 98) WHERE user_id = $1`,
      [customer.userId],
    );
    const guest = await guestWith(shop, [older.id, 1], [younger.id, 2], [known.id, 999]);
    const { body } = await guest.login(customer);
    expect(body.cartMerge).toEqual({ merged: 2, dropped: [{ productId: younger.id, quantity: 2 }] });
    expect(await cartOf(customer)).toEqual({ [known.id]: 999, [older.id]: 1 });
  });
});

describe('while a cart is being merged', () => {
  it('no line that was taken is lost, of either cart', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [customer, first, theirs, mine] = await Promise.all([
        shop.customer(0),
        shop.product(9),
        shop.product(9),
        shop.product(9),
      ]);
      const guest = await guestWith(shop, [first.id, 1]);
      const add = { productId: theirs.id, quantity: 1 };
      const addAsGuest = () => guest.visitor.send('POST', '/v1/cart/items', add, guest.headers);
      const { headers } = guest;
      const [adds, login] = await Promise.all([
        Promise.all(Array.from({ length: 6 }, addAsGuest)),
        guest.login(customer, headers),
        Promise.all(Array.from({ length: 6 }, () => customer.addToCart(mine.id))),
      ]);
      expect(login.body.cartMerge?.dropped).toEqual([]);
      const taken = adds.filter(({ status }) => status === 200).length;
      expect(adds.filter(({ status }) => status !== 200 && status !== 401)).toEqual([]);
      expect(await cartOf(customer)).toEqual({
        [first.id]: 1,
        [mine.id]: 6,
        ...(taken > 0 && { [theirs.id]: taken }),
      });
      expect(await guestRows(guest)).toEqual([]);
    }
  });

  it('what comes to the cart before the merge is in it, and what comes after is refused', async () => {
    const [customer, product] = await Promise.all([shop.customer(0), shop.product(9)]);
    const guest = await guestWith(shop, [product.id, 1]);
    const [add, login] = await whileCartLocked(guest, async (waiting) => {
      const adding = guest.visitor.send(
        'POST',
        '/v1/cart/items',
        { productId: product.id, quantity: 3 },
        guest.headers,
      );
      await waiting(1);
      const signingIn = guest.login(customer);
      await waiting(2);
      return [adding, signingIn] as const;
    });
    expect([(await add).status, (await login).status]).toEqual([200, 200]);
    expect(await cartOf(customer)).toEqual({ [product.id]: 4 });
    await expectGone(guest);
  });
});
