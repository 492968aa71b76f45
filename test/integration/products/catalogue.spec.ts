import { randomUUID } from 'node:crypto';
import { newProduct, ownCategory, setStock, usd, type ProductBody, type ProductPage } from '../../support/catalogue';
import { Shop, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

/** The seed's time to live, at most a tenth less. */
function expectTtl(seconds: number, ttl: number): void {
  expect(seconds).toBeLessThanOrEqual(ttl);
  expect(seconds).toBeGreaterThan(ttl * 0.9 - 10);
}

describe('the catalogue', () => {
  const shop = new Shop();
  const stores = new Stores();
  const anyone = shop.visitor(0);
  let admin: Visitor;
  let parent: string;
  let child: string;
  let grandchild: string;
  const made: ProductBody[] = [];

  const list = (query: string) => anyone.get<ProductPage>(`/v1/products?${query}`);
  const names = async (query: string) => (await list(query)).items.map((item) => item.name);

  beforeAll(async () => {
    admin = await shop.admin();
    parent = await ownCategory(stores, 'Parent');
    child = await ownCategory(stores, 'Child', parent);
    grandchild = await ownCategory(stores, 'Grandchild', child);
    const entries = [
      newProduct(parent, { name: 'Amber', price: usd('30.00') }),
      newProduct(child, { name: 'Birch', price: usd('10.00') }),
      newProduct(child, { name: 'Cedar', price: usd('20.00') }),
      newProduct(grandchild, { name: 'Dogwood', price: usd('20.00') }),
      newProduct(grandchild, { name: 'Elm', price: usd('99999999.99') }),
    ];
    for (const entry of entries) made.push(await admin.post<ProductBody>('/v1/admin/products', entry));
  });

  afterAll(() => stores.close());

  it('lists a category with all below it', async () => {
    expect(await names(`category=${parent}`)).toEqual(['Amber', 'Birch', 'Cedar', 'Dogwood', 'Elm']);
    expect(await names(`category=${child}`)).toEqual(['Birch', 'Cedar', 'Dogwood', 'Elm']);
    expect(await names(`category=${grandchild.toUpperCase()}`)).toEqual(['Dogwood', 'Elm']);
    expect(await list(`category=${randomUUID()}`)).toEqual({ items: [], page: { page: 1, pageSize: 20, total: 0 } });
  });

  it('sorts by name, price and age', async () => {
    expect(await names(`category=${parent}&sort=name`)).toEqual(['Amber', 'Birch', 'Cedar', 'Dogwood', 'Elm']);
    expect(await names(`category=${parent}&sort=newest`)).toEqual(['Elm', 'Dogwood', 'Cedar', 'Birch', 'Amber']);
    const rising = await names(`category=${parent}&sort=price`);
    expect([rising[0], rising[3], rising[4]]).toEqual(['Birch', 'Amber', 'Elm']);
    expect(await names(`category=${parent}&sort=-price`)).toEqual([...rising].reverse());
  });

  it('gives every product once over all pages, and the total on each', async () => {
    const pages = await Promise.all(
      [1, 2, 3, 4].map((page) => list(`category=${parent}&sort=price&pageSize=2&page=${page}`)),
    );
    expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1, 0]);
    expect(pages.map(({ page }) => page)).toEqual([1, 2, 3, 4].map((page) => ({ page, pageSize: 2, total: 5 })));
    expect(new Set(pages.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(5);
  });

  it('pages through the whole shop', async () => {
    const { page, items } = await list('pageSize=100');
    expect(page.total).toBeGreaterThanOrEqual(made.length);
    expect(items).toHaveLength(Math.min(100, page.total));
  });

  it.each([
    'page=0',
    'page=x',
    'pageSize=101',
    'pageSize=0',
    'sort=best',
    'category=shoes',
    'colour=red',
    'page=1&page=2',
    'page=101&pageSize=100',
    'page=501',
  ])('refuses %s', async (query) => {
    const answer = await anyone.send('GET', `/v1/products?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed', status: 400 } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('shows one product', async () => {
    const amber = made[0];
    expect(await anyone.get(`/v1/products/${amber?.id}`)).toEqual({
      id: amber?.id,
      sku: amber?.sku,
      slug: amber?.slug,
      name: 'Amber',
      description: '',
      price: { amount: '30.00', currency: 'USD' },
      category: { id: parent, name: 'Parent' },
      imageUrl: null,
      stock: { available: 0, lowStock: true },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      attributes: {},
      images: [],
      breadcrumbs: [{ id: parent, name: 'Parent', slug: expect.any(String) }],
    });
    const elm = await anyone.get<ProductBody>(`/v1/products/${made[4]?.id}`);
    expect(elm.price.amount).toBe('99999999.99');
  });

  it('does not know other products', async () => {
    const unknown = await anyone.send('GET', `/v1/products/${randomUUID()}`);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'product.not_found' } });
    expect(await anyone.send('GET', '/v1/products/42')).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
  });

  it('shows the tree of categories', async () => {
    interface Node {
      id: string;
      name: string;
      children: Node[];
    }
    const { items } = await anyone.get<{ items: Node[] }>('/v1/categories');
    expect(items.find(({ id }) => id === parent)).toEqual({
      id: parent,
      name: 'Parent',
      slug: expect.any(String),
      children: [
        {
          id: child,
          name: 'Child',
          slug: expect.any(String),
          children: [{ id: grandchild, name: 'Grandchild', slug: expect.any(String), children: [] }],
        },
      ],
    });
  });

  it.each(['detail', 'list', 'search', 'categories'])('answers 304 to who has the %s already', async (what) => {
    const paths: Record<string, string> = {
      detail: `/v1/products/${made[0]?.id}`,
      list: `/v1/products?category=${parent}`,
      search: `/v1/products/search?category=${parent}`,
      categories: '/v1/categories',
    };
    const path = paths[what] ?? '';
    const first = await anyone.send<object>('GET', path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(first.headers.get('cache-control')).toBe('public, no-cache');
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await anyone.send<null>('GET', path, undefined, { 'if-none-match': tags });
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, null, etag]);
    }
    const other = await anyone.send<object>('GET', path, undefined, { 'if-none-match': '"other"' });
    expect([other.status, other.body]).toEqual([200, first.body]);
  });

  it('changes the ETag with the stock, and shows that at once on every server', async () => {
    const id = made[1]?.id ?? '';
    const servers = shop.stack.apiUrls.map((_, i) => shop.visitor(i));
    const before = await anyone.send<ProductBody>('GET', `/v1/products/${id}`);
    for (const quantity of [7, 3]) {
      await setStock(admin, id, quantity);
      for (const server of servers) {
        const stock = { available: quantity, lowStock: quantity < 5 };
        expect((await server.get<ProductBody>(`/v1/products/${id}`)).stock).toEqual(stock);
        const page = await server.get<ProductPage>(`/v1/products?category=${child}`);
        expect(page.items.find((item) => item.id === id)?.stock).toEqual(stock);
      }
    }
    const etag = before.headers.get('etag') ?? '';
    expect((await anyone.send('GET', `/v1/products/${id}`, undefined, { 'if-none-match': etag })).status).toBe(200);
  });

  it("keeps entries under the seed's keys, for the seed's times", async () => {
    const id = made[2]?.id ?? '';
    await anyone.get(`/v1/products/${id}`);
    await list(`category=${child}`);
    await list(`category=${child}&pageSize=3&sort=newest`);
    await list('');
    const before = new Set(await stores.redis.keys('products:search:*'));
    await anyone.get(`/v1/products/search?q=${randomUUID()}`);
    const searches = (await stores.redis.keys('products:search:*')).filter((key) => !before.has(key));

    expectTtl(await stores.redis.ttl(`product:${id}`), 3_600);
    expectTtl(await stores.redis.ttl(`inventory:${id}`), 300);
    expectTtl(await stores.redis.ttl(`products:category:${child}:page:1`), 1_800);
    expectTtl(await stores.redis.ttl(`products:category:${child}:page:1:3:newest`), 1_800);
    expectTtl(await stores.redis.ttl('products:category:all:page:1'), 1_800);
    expect(searches.length).toBeGreaterThan(0);
    expectTtl(await stores.redis.ttl(searches[0] ?? ''), 900);
  });

  it('answers from the cache, without stock in the long-lived entry', async () => {
    const id = made[2]?.id ?? '';
    const product = await anyone.get<ProductBody>(`/v1/products/${id}`);
    await stores.rows('products', `UPDATE products SET name = 'Renamed' WHERE id = $1`, [id]);
    try {
      expect(await anyone.get(`/v1/products/${id}`)).toEqual(product);
      expect(await stores.redis.get(`product:${id}`)).not.toContain('available');
      await stores.redis.del(`product:${id}`);
      expect((await anyone.get<ProductBody>(`/v1/products/${id}`)).name).toBe('Renamed');
    } finally {
      await stores.rows('products', `UPDATE products SET name = 'Cedar' WHERE id = $1`, [id]);
      await stores.redis.del(`product:${id}`);
    }
  });
});
