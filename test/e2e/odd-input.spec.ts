import { randomUUID } from 'node:crypto';
import { newProduct, ownCategory, usd, type ProductBody } from '../support/catalogue';
import { Shop, type Problem, type Visitor } from '../support/shop';
import { Stores } from '../support/stores';

/** Well-formed, and not what anyone would send: it is refused before anything is done. */
describe('what nobody would send', () => {
  const shop = new Shop();
  const stores = new Stores();
  const key = () => ({ 'idempotency-key': randomUUID() });
  /** Each counts as one character for those who write, as two for PostgreSQL. */
  const selected = (length: number) => '1\ufe0f'.repeat(length);
  let customer: Visitor;
  let admin: Visitor;
  let addressId: string;
  let productId: string;

  beforeAll(async () => {
    [customer, admin] = await Promise.all([shop.customer(), shop.admin()]);
    addressId = await customer.address();
    productId = (await shop.product(10)).id;
  });
  afterAll(() => stores.close());

  it('for the payment of an order is 400, and the checkout stays good', async () => {
    await customer.addToCart(productId, 1);
    const { id: checkoutId } = await customer.checkout(addressId);
    const payment = { provider: 'sandbox', token: 'tok_ok' };
    const wishes = [
      {},
      { payment: null },
      { payment: [] },
      { payment: [payment] },
      { payment: { ...payment, token: selected(150) } },
      { payment, expectedTotal: [] },
      { payment, expectedTotal: [usd('1.00')] },
    ];
    for (const wish of wishes) {
      const { status, body } = await customer.send<Problem>('POST', '/v1/orders', { checkoutId, ...wish }, key());
      expect([wish, status, body.code]).toEqual([wish, 400, 'validation_failed']);
    }
    const order = await customer.order(checkoutId);
    expect(order.status).toBe('pending');
    await customer.orderInStatus(order.id, 'processing');
    for (const amount of [[], [usd('1.00')]]) {
      const path = `/v1/admin/orders/${order.id}/refund`;
      expect((await admin.send('POST', path, { reason: 'x', amount }, key())).status).toBe(400);
    }
  });

  it('for the price of a product is 400', async () => {
    const category = await ownCategory(stores, 'Odd things');
    const product = await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
    for (const price of [[], [usd('1.00')]]) {
      const entry = { ...newProduct(category, {}), price };
      expect((await admin.send('POST', '/v1/admin/products', entry)).status).toBe(400);
      const path = `/v1/admin/products/${product.id}`;
      expect((await admin.send('PATCH', path, { price }, { 'if-match': '*' })).status).toBe(400);
    }
  });

  it('as attributes is kept, whatever members every object has', async () => {
    const category = await ownCategory(stores, 'Named oddly');
    const { id } = await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
    // But for `constructor`, which Nest takes out of every body.
    const attributes = { toString: 'x', valueOf: 'y', colour: 'red' };
    const changed = await admin.send('PATCH', `/v1/admin/products/${id}`, { attributes }, { 'if-match': '*' });
    expect(changed.status).toBe(200);
    expect(await admin.get(`/v1/products/${id}`)).toMatchObject({ attributes });
  });

  it('as text that PostgreSQL counts as longer is 400', async () => {
    const address = { street: 'a', city: 'a', state: 'a', country: 'a', zipCode: selected(20) };
    const answer = await customer.send('POST', '/v1/users/me/addresses', address);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });

  it('as the name of a browser keeps nobody out', async () => {
    const login = { email: customer.email, password: 'correct horse battery' };
    const answer = await shop.visitor().send('POST', '/v1/auth/login', login, { 'user-agent': '<a'.repeat(127) });
    expect(answer.status).toBe(200);
  });

  it.each(['１２３４５６', 'éééééé', '12345é'])(
    'as the code of an authenticator app is a wrong code: %s',
    async (code) => {
      const person = await shop.customer();
      const begun = await person.send('POST', '/v1/auth/two-factor', { password: 'correct horse battery' });
      expect(begun.status).toBe(200);
      const answer = await person.send('POST', '/v1/auth/two-factor/confirm', { code });
      expect(answer.body.code).toBe('auth.wrong_code');
    },
  );

  it('as a form that ends too early is 400', async () => {
    const head = 'Content-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv';
    const response = await fetch(`${admin.baseUrl}/v1/admin/imports`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${admin.token ?? ''}`,
        'content-type': 'multipart/form-data; boundary=x',
        ...key(),
      },
      body: `--x\r\n${head}\r\n\r\nsku,name\r\na,b\r\n`,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'validation_failed' });
  });

  it('as a megabyte of tags keeps no server busy', async () => {
    const name = '<a>'.repeat(166_000) + '</b>'.repeat(125_000);
    const started = Date.now();
    const account = { email: `odd-${randomUUID()}@example.com`, password: 'correct horse battery', name };
    expect((await shop.visitor().send('POST', '/v1/auth/register', account)).status).toBe(400);
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});
