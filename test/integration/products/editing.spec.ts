import { randomUUID } from 'node:crypto';
import { newProduct, ownCategory, usd, type ProductBody } from '../../support/catalogue';
import { Shop, type Answer, type Money, type Problem, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Edited {
  id: string;
  sku: string;
  slug: string;
  name: string;
  price: Money;
  attributes: Record<string, string>;
  version: number;
  deletedAt: string | null;
}

interface Prices {
  items: { oldPrice: Money | null; newPrice: Money; actorId: string | null }[];
  page: { nextCursor: string | null };
  lowestOf30Days: Money;
}

describe('editing a product', () => {
  const shop = new Shop();
  const stores = new Stores();
  let admin: Visitor;
  let category: string;

  beforeAll(async () => {
    admin = await shop.admin();
    category = await ownCategory(stores, 'Things to edit');
  });
  afterAll(() => stores.close());

  const create = async (fields = {}) =>
    (await admin.post<ProductBody>('/v1/admin/products', newProduct(category, fields))).id;
  const read = (id: string) => admin.send<Edited>('GET', `/v1/admin/products/${id}`);
  const patch = (id: string, body: object, match?: string): Promise<Answer<Edited & Problem>> =>
    admin.send('PATCH', `/v1/admin/products/${id}`, body, match === undefined ? {} : { 'if-match': match });

  it('wants the version that was seen, and gives the next', async () => {
    const id = await create();
    const seen = await read(id);
    expect([seen.status, seen.headers.get('etag')]).toEqual([200, '"1"']);
    expect(await patch(id, { name: 'New name' })).toMatchObject({
      status: 428,
      body: { code: 'precondition_required' },
    });
    expect(await patch(id, { name: 'New name' }, '"7"')).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed' },
    });

    const edited = await patch(id, { name: 'New name', attributes: { colour: 'red' } }, 'W/"1"');
    expect([edited.status, edited.headers.get('etag')]).toEqual([200, '"2"']);
    expect(edited.body).toMatchObject({ name: 'New name', attributes: { colour: 'red' }, slug: seen.body.slug });
    expect(await patch(id, { name: 'New name' }, '"2"')).toMatchObject({ body: { version: 2 } });
    const one = await admin.get<ProductBody>(`/v1/products/${id}`);
    expect(one.name).toBe('New name');
  });

  it('lets one of ten who saw the same version through', async () => {
    const id = await create();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => patch(id, { name: `Name ${i}` }, '"1"')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(9);
    const trail = await stores.rows('products', `SELECT 1 FROM audit_log WHERE subject_id = $1`, [id]);
    expect(trail).toHaveLength(2);
  });

  it.each([
    { name: ' ' },
    { slug: 'Not A Slug' },
    { price: { amount: '1.999', currency: 'USD' } },
    { attributes: { '=x': 'y' } },
    { attributes: { colour: 5 } },
    { categoryId: 'x' },
    { quantity: 5 },
    { name: null },
  ])('refuses %j', async (change) => {
    const id = await create();
    expect(await patch(id, change, '"1"')).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  it('refuses the SKU and the address of another', async () => {
    const [one, other] = [await create({ sku: `T-${randomUUID()}` }), await create()];
    const taken = (await read(one)).body;
    expect(await patch(other, { sku: taken.sku }, '*')).toMatchObject({
      status: 409,
      body: { code: 'product.sku_taken' },
    });
    expect(await patch(other, { slug: taken.slug }, '*')).toMatchObject({ status: 409, body: { code: 'slug_taken' } });
    expect(await patch(other, { categoryId: randomUUID() }, '*')).toMatchObject({ status: 404 });
    expect((await read(other)).body.version).toBe(1);
  });

  it('takes it off sale and puts it back; its stock, ledger and SKU stay its own', async () => {
    const { id, sku } = await shop.product(3);
    const away = await admin.send('DELETE', `/v1/admin/products/${id}`, undefined, { 'if-match': '"99"' });
    expect(away.status).toBe(412);
    expect((await admin.send('DELETE', `/v1/admin/products/${id}`)).status).toBe(204);
    expect((await admin.send('DELETE', `/v1/admin/products/${id}`)).status).toBe(204);
    const deleted = await read(id);
    expect(deleted.body.deletedAt).not.toBeNull();
    expect(await patch(id, { name: 'Other' }, '*')).toMatchObject({ status: 409, body: { code: 'product.deleted' } });
    const again = await admin.send('POST', '/v1/admin/products', newProduct(category, { sku }));
    expect(again).toMatchObject({ status: 409, body: { code: 'product.sku_taken' } });
    const lists = async (filter: string) =>
      (await admin.get<{ items: Edited[] }>(`/v1/admin/products?sku=${sku}${filter}`)).items.length;
    expect([await lists(''), await lists('&deleted=true'), await lists('&deleted=all')]).toEqual([0, 1, 1]);
    expect(await stores.rows('products', `SELECT 1 FROM stock_movements WHERE product_id = $1`, [id])).toHaveLength(1);

    const restored = await admin.send<Edited>('POST', `/v1/admin/products/${id}/restore`);
    expect(restored.body).toMatchObject({ deletedAt: null, version: deleted.body.version + 1 });
    const trail = await stores.rows<{ action: string }>(
      'products',
      `SELECT action FROM audit_log WHERE subject_id = $1 AND subject_type = 'product' ORDER BY position`,
      [id],
    );
    expect(trail.map(({ action }) => action)).toEqual(['product.created', 'product.deleted', 'product.restored']);
  });

  it('lists page by page, newest first', async () => {
    const own = await ownCategory(stores, 'A few');
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      ids.unshift((await admin.post<ProductBody>('/v1/admin/products', newProduct(own, {}))).id);
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { items, page } = await admin.get<{ items: Edited[]; page: { nextCursor: string | null } }>(
        `/v1/admin/products?category=${own}&limit=2${cursor}`,
      );
      seen.push(...items.map((item) => item.id));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(ids);
  });

  it('keeps each price with who asked it, whatever statement changed it', async () => {
    const id = await create({ price: usd('10.00') });
    await patch(id, { price: usd('8.00') }, '"1"');
    await patch(id, { name: 'Same price' }, '"2"');
    await patch(id, { price: usd('12.50') }, '"3"');
    await stores.rows('products', `UPDATE products SET price = 12.75 WHERE id = $1`, [id]);
    const prices = await admin.get<Prices>(`/v1/admin/products/${id}/price-history`);
    expect(prices.items.map(({ oldPrice, newPrice, actorId }) => [oldPrice?.amount, newPrice.amount, actorId])).toEqual(
      [
        ['12.50', '12.75', null],
        ['8.00', '12.50', admin.userId],
        ['10.00', '8.00', admin.userId],
        [undefined, '10.00', admin.userId],
      ],
    );
    expect(prices.lowestOf30Days).toEqual(usd('8.00'));
    const first = await admin.get<Prices>(`/v1/admin/products/${id}/price-history?limit=3`);
    const rest = await admin.get<Prices>(
      `/v1/admin/products/${id}/price-history?limit=3&cursor=${first.page.nextCursor ?? ''}`,
    );
    expect([first.items.length, rest.items.length]).toEqual([3, 1]);
  });

  it('counts the price that the 30 days began with, and none before', async () => {
    const id = await create({ price: usd('10.00') });
    await stores.rows(
      'products',
      `INSERT INTO price_history (product_id, old_price, new_price, currency, changed_at)
       SELECT $1, NULL, price, 'USD', shop_now() - make_interval(days => days)
       FROM (VALUES (90, 1.00), (60, 5.00)) AS asked(days, price)`,
      [id],
    );
    expect((await admin.get<Prices>(`/v1/admin/products/${id}/price-history`)).lowestOf30Days).toEqual(usd('5.00'));
  });

  it('is for staff', async () => {
    const id = await create();
    const customer = await shop.customer(0);
    for (const [method, path] of [
      ['GET', `/v1/admin/products/${id}`],
      ['GET', '/v1/admin/products'],
      ['PATCH', `/v1/admin/products/${id}`],
      ['DELETE', `/v1/admin/products/${id}`],
      ['POST', `/v1/admin/products/${id}/restore`],
      ['GET', `/v1/admin/products/${id}/price-history`],
    ] as const) {
      expect([method, path, (await customer.send(method, path)).status]).toEqual([method, path, 403]);
      expect([method, path, (await shop.visitor(0).send(method, path)).status]).toEqual([method, path, 401]);
    }
  });
});
