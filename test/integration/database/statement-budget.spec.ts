import { newProduct, ownCategory, usd, type ProductBody, type ProductPage } from '../../support/catalogue';
import { metric } from '../../support/metrics';
import { Shop, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

const MANY = 100;

/** How many statements a request may send, whatever it is about: one item or a hundred. */
describe('the SQL statements of a route', () => {
  const shop = new Shop();
  const stores = new Stores();
  const anyone = shop.visitor(0);
  let admin: Visitor;
  let ofOne: string;
  let ofMany: string;
  let products: ProductBody[];

  /** Sent for `request`, by the server's own count. */
  async function statements(route: string, request: () => Promise<unknown>): Promise<number> {
    const [method = '', path = ''] = route.split(' ');
    const url = shop.stack.apiUrls[0] ?? '';
    const sample = `http_request_sql_statements_total{method="${method}",route="${path}"}`;
    const before = (await metric([url], sample)) ?? 0;
    await request();
    return ((await metric([url], sample)) ?? 0) - before;
  }

  /** Nothing of the catalogue is cached. */
  async function forgetCatalogue(): Promise<void> {
    const keys = (await Promise.all(['product*', 'inventory:*'].map((name) => stores.redis.keys(name)))).flat();
    if (keys.length > 0) await stores.redis.del(keys);
  }

  async function customerWith(lines: number): Promise<Visitor> {
    const customer = await shop.customer(0);
    for (const { id } of products.slice(0, lines)) await customer.addToCart(id);
    return customer;
  }

  beforeAll(async () => {
    admin = await shop.admin();
    ofOne = await ownCategory(stores, 'One');
    ofMany = await ownCategory(stores, 'Many');
    const price = usd('5.00');
    await admin.post('/v1/admin/products', newProduct(ofOne, { price }));
    for (let i = 0; i < MANY; i += 1) await admin.post('/v1/admin/products', newProduct(ofMany, { price }));
    products = (await anyone.get<ProductPage>(`/v1/products?category=${ofMany}&pageSize=${MANY}`)).items;
  }, 60_000);

  afterAll(() => stores.close());

  it.each(['one', 'many'])('a list of %s: the page and its stock, and none from the cache', async (size) => {
    const list = () => anyone.get(`/v1/products?category=${size === 'one' ? ofOne : ofMany}&pageSize=${MANY}`);
    await forgetCatalogue();
    expect(await statements('GET /v1/products', list)).toBe(2);
    expect(await statements('GET /v1/products', list)).toBe(0);
  });

  it('a search: its words, the page and its stock, which is cached the second time', async () => {
    const search = () => anyone.get(`/v1/products/search?q=thing&category=${ofMany}&pageSize=${MANY}`);
    await forgetCatalogue();
    expect(await statements('GET /v1/products/search', search)).toBe(3);
    expect(await statements('GET /v1/products/search', search)).toBe(1);
    expect(await statements('GET /v1/products/search', search)).toBe(0);
  });

  it('a product: itself and its stock, and none from the cache', async () => {
    const detail = () => anyone.get(`/v1/products/${products[0]?.id}`);
    await forgetCatalogue();
    expect(await statements('GET /v1/products/:id', detail)).toBe(2);
    expect(await statements('GET /v1/products/:id', detail)).toBe(0);
  });

  it.each([1, MANY])('a cart of %i lines: its prices', async (lines) => {
    const customer = await customerWith(lines);
    expect(await statements('GET /v1/cart', () => customer.get('/v1/cart'))).toBe(1);
  });

  it.each([1, MANY - 1])('one more in a cart of %i lines: prices, and the cart itself', async (lines) => {
    const customer = await customerWith(lines);
    const add = () => customer.addToCart(products[lines - 1]?.id ?? '');
    expect(await statements('POST /v1/cart/items', add)).toBe(2);
  });

  it.each([1, MANY - 1])(
    'a purchase of %i lines: three transactions for the order, one for its stock',
    async (lines) => {
      for (const { id } of products.slice(0, lines)) {
        const { quantity } = await admin.get<{ quantity: number }>(`/v1/admin/inventory/${id}`);
        await admin.send('PATCH', `/v1/admin/inventory/${id}`, { quantity: quantity + 1, expectedQuantity: quantity });
      }
      const customer = await customerWith(lines);
      const addressId = await customer.address();
      let checkoutId = '';
      const checkout = async () => (checkoutId = (await customer.checkout(addressId)).id);
      expect(await statements('POST /v1/checkouts', checkout)).toBe(14);
      expect(await statements('POST /v1/orders', () => customer.order(checkoutId))).toBe(16);
    },
  );

  it("a guest's cart costs no more: making it, adding to it, reading it", async () => {
    const item = { productId: products[0]?.id, quantity: 1 };
    let headers = {};
    const add = async () => {
      const answer = await anyone.send('POST', '/v1/cart/items', item, headers);
      headers = { 'x-cart-token': answer.headers.get('x-cart-token') ?? '' };
    };
    expect(await statements('POST /v1/cart/items', add)).toBe(2);
    expect(await statements('POST /v1/cart/items', add)).toBe(2);
    expect(await statements('GET /v1/cart', () => anyone.send('GET', '/v1/cart', undefined, headers))).toBe(1);
  });
});
