import { randomUUID } from 'node:crypto';
import { newProduct, ownCategory, setStock, usd, type ProductBody, type ProductPage } from '../../support/catalogue';
import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';

describe('searching the catalogue', () => {
  const shop = new Shop();
  const stores = new Stores();
  const anyone = shop.visitor(0);
  // Other tests' products share the database: each search is kept to a category of this test.
  let category: string;
  let shelf: string;
  const sku = `LT-${randomUUID().slice(0, 8)}-01`.toUpperCase();

  const search = (query: Record<string, string>) =>
    anyone.get<ProductPage>(`/v1/products/search?${new URLSearchParams({ category, ...query }).toString()}`);
  const names = async (query: Record<string, string>) => (await search(query)).items.map((item) => item.name);

  beforeAll(async () => {
    const admin = await shop.admin();
    category = await ownCategory(stores, 'Searched');
    shelf = await ownCategory(stores, 'Shelf', category);
    const entries = [
      newProduct(category, { name: 'Brass Lantern', description: 'Gives light for hours.', price: usd('40.00'), sku }),
      newProduct(category, { name: 'Copper Kettle', description: 'Stands beside the lantern.', price: usd('25.50') }),
      newProduct(shelf, { name: 'Walking Boots', description: 'For runners and walkers.', price: usd('120.00') }),
      newProduct(shelf, { name: 'Lantern Candles', description: 'Six of them.', price: usd('8.99') }),
    ];
    const made: ProductBody[] = [];
    for (const entry of entries) made.push(await admin.post<ProductBody>('/v1/admin/products', entry));
    await setStock(admin, made[0]?.id ?? '', 3);
    await setStock(admin, made[2]?.id ?? '', 9);
  });

  afterAll(() => stores.close());

  it.each([(s: string) => s, (s: string) => s.toLowerCase()])('finds a product by its SKU, first', async (write) => {
    const answer = await anyone.get<ProductPage>(`/v1/products/search?q=${write(sku)}`);
    expect(answer.items[0]?.sku).toBe(sku);
    expect(answer.page.total).toBe(1);
  });

  it('finds other forms of a word', async () => {
    expect(await names({ q: 'boot' })).toEqual(['Walking Boots']);
    expect(await names({ q: 'walked' })).toEqual(['Walking Boots']);
    expect(await names({ q: 'LANTERNS', sort: 'name' })).toEqual(['Brass Lantern', 'Copper Kettle', 'Lantern Candles']);
  });

  it('finds words while they are typed', async () => {
    expect(await names({ q: 'ket' })).toEqual(['Copper Kettle']);
    expect(await names({ q: 'brass lan' })).toEqual(['Brass Lantern']);
  });

  it('ranks a name above a description', async () => {
    const found = await names({ q: 'lantern' });
    expect(found).toHaveLength(3);
    expect(found[2]).toBe('Copper Kettle');
  });

  it('knows quotes and minus', async () => {
    expect(await names({ q: '"brass lantern"' })).toEqual(['Brass Lantern']);
    expect(await names({ q: 'lantern -brass', sort: 'name' })).toEqual(['Copper Kettle', 'Lantern Candles']);
  });

  it('wants every word', async () => {
    expect(await names({ q: 'brass kettle' })).toEqual([]);
  });

  it.each(['the', '.', '"', '-', '!!', '\u0086'])('finds nothing by %j, which is no word', async (q) => {
    expect(await names({ q })).toEqual([]);
    expect(await names({ q, minPrice: '1.00' })).toEqual([]);
    expect(
      (await anyone.get<ProductPage>(`/v1/products/search?${new URLSearchParams({ q }).toString()}`)).items,
    ).toEqual([]);
  });

  it('keeps to prices, both ends included', async () => {
    expect(await names({ minPrice: '25.50', maxPrice: '40', sort: 'price' })).toEqual([
      'Copper Kettle',
      'Brass Lantern',
    ]);
    expect(await names({ q: 'lantern', maxPrice: '8.99' })).toEqual(['Lantern Candles']);
    expect(await names({ minPrice: '50', maxPrice: '10' })).toEqual([]);
  });

  it('keeps to what is in stock, or is not', async () => {
    expect(await names({ inStock: 'true' })).toEqual(['Brass Lantern', 'Walking Boots']);
    expect(await names({ inStock: 'false' })).toEqual(['Copper Kettle', 'Lantern Candles']);
    expect(await names({ q: 'lantern', inStock: 'true' })).toEqual(['Brass Lantern']);
  });

  it('keeps to a category and what is below it', async () => {
    expect(await names({ q: 'lantern', category: shelf })).toEqual(['Lantern Candles']);
    expect(await names({ q: '', sort: '-price' })).toEqual([
      'Walking Boots',
      'Brass Lantern',
      'Copper Kettle',
      'Lantern Candles',
    ]);
  });

  it('gives the same order every time, page by page', async () => {
    const whole = await names({ q: 'lantern' });
    const pages = [];
    for (const page of ['1', '2', '3', '4']) pages.push(await search({ q: 'lantern', pageSize: '1', page }));
    expect(pages.flatMap(({ items }) => items.map((item) => item.name))).toEqual(whole);
    expect(pages.map(({ page }) => page.total)).toEqual([3, 3, 3, 3]);
  });

  it.each(["'", '"', '\\', ':*', '&|!()', '<->', '%', '-', '🏮', 'the', 'lantern:*', 'a'.repeat(200)])(
    'takes any text: %s',
    async (q) => {
      expect((await anyone.send('GET', `/v1/products/search?${new URLSearchParams({ q }).toString()}`)).status).toBe(
        200,
      );
    },
  );

  it.each(['minPrice=cheap', 'maxPrice=1.234', 'inStock=maybe', 'sort=rank', `q=${'a'.repeat(201)}`, 'q=%00', 'x=1'])(
    'refuses %s',
    async (query) => {
      const answer = await anyone.send('GET', `/v1/products/search?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    },
  );
});
