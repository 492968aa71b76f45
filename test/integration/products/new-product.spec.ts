import { randomUUID } from 'node:crypto';
import { newProduct, ownCategory, usd, type ProductBody, type ProductPage } from '../../support/catalogue';
import { Shop, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

describe('putting a product into the catalogue', () => {
  const shop = new Shop();
  const stores = new Stores();
  const servers = shop.stack.apiUrls.map((_, i) => shop.visitor(i));
  let admin: Visitor;
  let root: string;
  let category: string;

  beforeAll(async () => {
    admin = await shop.admin();
    root = await ownCategory(stores, 'New things');
    category = await ownCategory(stores, 'Newer things', root);
  });

  afterAll(() => stores.close());

  it('shows it at once in lists and searches that were cached, on every server', async () => {
    const name = `Zeppelin ${randomUUID().slice(0, 8)}`;
    const paths = [
      `/v1/products?category=${category}`,
      `/v1/products?category=${root}`,
      `/v1/products/search?q=${encodeURIComponent(name)}`,
      '/v1/products?sort=newest',
    ];
    for (const server of servers) for (const path of paths) await server.get(path);

    const created = await admin.send<ProductBody>('POST', '/v1/admin/products', newProduct(category, { name }));
    expect(created.status).toBe(201);
    for (const server of servers) {
      for (const path of paths) {
        const { items } = await server.get<ProductPage>(path);
        expect([path, items.map((item) => item.id)]).toEqual([path, expect.arrayContaining([created.body.id])]);
      }
      expect(await server.get(`/v1/products/${created.body.id}`)).toEqual(created.body);
    }
  });

  it('gives it an empty stock row and no ledger, in the same transaction', async () => {
    const { id } = await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
    const row = await stores.row(
      'products',
      `SELECT quantity, reserved_quantity, low_stock FROM inventory WHERE product_id = $1`,
      [id],
    );
    expect(row).toEqual({ quantity: 0, reserved_quantity: 0, low_stock: true });
    expect(await stores.rows('products', `SELECT 1 FROM stock_movements WHERE product_id = $1`, [id])).toEqual([]);
  });

  it('keeps the picture and the largest price', async () => {
    const entry = { ...newProduct(category, { price: usd('99999999.99') }), imageUrl: '/static/images/mug.svg' };
    const created = await admin.post<ProductBody>('/v1/admin/products', entry);
    expect(created).toMatchObject({ price: usd('99999999.99'), imageUrl: '/static/images/mug.svg' });
  });

  it('takes each SKU once, also when asked ten times at once', async () => {
    const entry = newProduct(category, {});
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => admin.send('POST', '/v1/admin/products', entry)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.code === 'product.sku_taken')).toHaveLength(9);
  });

  it('does the same Idempotency-Key once', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const entry = newProduct(category, {});
    const first = await admin.send<ProductBody>('POST', '/v1/admin/products', entry, headers);
    const again = await admin.send<ProductBody>('POST', '/v1/admin/products', entry, headers);
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect(again.body).toEqual(first.body);
    const other = await admin.send('POST', '/v1/admin/products', { ...entry, name: 'Other' }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
  });

  it('wants a category that exists', async () => {
    const answer = await admin.send('POST', '/v1/admin/products', newProduct(randomUUID(), {}));
    expect(answer).toMatchObject({ status: 404, body: { code: 'category.not_found' } });
  });

  it.each([
    { sku: '' },
    { sku: ' X' },
    { name: '  ' },
    { description: undefined },
    { price: { amount: '-1', currency: 'USD' } },
    { price: { amount: '1.999', currency: 'USD' } },
    { price: { amount: '1.00', currency: 'EUR' } },
    { price: 5 },
    { price: undefined },
    { categoryId: 'shoes' },
    { imageUrl: 'javascript:alert(1)' },
    { colour: 'red' },
    { name: 'Nul\u0000' },
    { name: 'Half a \ud83d' },
  ])('refuses %j', async (fields) => {
    const answer = await admin.send('POST', '/v1/admin/products', { ...newProduct(category, {}), ...fields });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  it('is for staff', async () => {
    const entry = newProduct(category, {});
    expect(await shop.visitor(0).send('POST', '/v1/admin/products', entry)).toMatchObject({ status: 401 });
    const customer = await shop.customer(0);
    expect(await customer.send('POST', '/v1/admin/products', entry)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });
});
