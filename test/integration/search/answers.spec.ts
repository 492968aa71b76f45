import { randomUUID } from 'node:crypto';
import { newProduct, ownCategory, setStock, usd, type ProductBody, type ProductPage } from '../../support/catalogue';
import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';

interface SearchPage {
  items: (ProductBody & { highlight: { name: string } })[];
  page: ProductPage['page'] & { totalIsExact: boolean };
  facets: {
    counted: number;
    isExact: boolean;
    categories: { id: string; name: string; slug: string; count: number }[];
    prices: { min: { amount: string }; max: { amount: string } | null; count: number }[];
    availability: { inStock: number; soldOut: number };
  };
  didYouMean: { text: string; applied: boolean } | null;
}

interface SuggestionsBody {
  queries: string[];
  categories: { id: string; name: string; slug: string }[];
  products: { id: string; name: string; slug: string; imageUrl: string | null }[];
}

describe('what a search answers with', () => {
  const shop = new Shop();
  const stores = new Stores();
  const anyone = shop.visitor(0);
  let category: string;
  let shelf: string;

  const search = (query: Record<string, string>) =>
    anyone.get<SearchPage>(`/v1/products/search?${new URLSearchParams({ category, ...query }).toString()}`);
  const suggest = (q: string) =>
    anyone.get<SuggestionsBody>(`/v1/products/suggestions?${new URLSearchParams({ q }).toString()}`);

  beforeAll(async () => {
    const admin = await shop.admin();
    category = await ownCategory(stores, 'Quixotic things');
    shelf = await ownCategory(stores, 'Quixotic Shelf', category);
    const entries = [
      newProduct(category, { name: 'Brass Quandary', price: usd('9.99') }),
      newProduct(shelf, { name: 'Copper Quandary', price: usd('10.00') }),
      newProduct(shelf, { name: 'Crème Quandary < &', price: usd('2000.00') }),
      newProduct(shelf, { name: 'Plain Thing', description: 'Beside a quandary.', price: usd('30.00') }),
    ];
    const made: ProductBody[] = [];
    for (const entry of entries) made.push(await admin.post<ProductBody>('/v1/admin/products', entry));
    await setStock(admin, made[0]?.id ?? '', 3);
  });

  afterAll(() => stores.close());

  it('counts categories, prices and stock of all that was found', async () => {
    const { facets, page } = await search({ q: 'quandary', pageSize: '1' });
    expect(page).toEqual({ page: 1, pageSize: 1, total: 4, totalIsExact: true });
    expect(facets).toMatchObject({ counted: 4, isExact: true, availability: { inStock: 1, soldOut: 3 } });
    expect(facets.categories.map(({ id, count }) => [id, count])).toEqual([
      [shelf, 3],
      [category, 1],
    ]);
    expect(facets.prices.map(({ min, max, count }) => [min.amount, max?.amount, count])).toEqual([
      ['0.00', '10.00', 1],
      ['10.00', '25.00', 1],
      ['25.00', '50.00', 1],
      ['1000.00', undefined, 1],
    ]);
  });

  it('keeps its counts on a page beyond the end', async () => {
    const { items, page, facets } = await search({ q: 'quandary', page: '9' });
    expect([items, page.total, facets.counted]).toEqual([[], 4, 4]);
  });

  it('marks what was looked for, and nothing else is HTML', async () => {
    const names = (await search({ q: 'quandaries', sort: 'name' })).items.map((item) => item.highlight.name);
    expect(names).toEqual([
      'Brass <mark>Quandary</mark>',
      'Copper <mark>Quandary</mark>',
      'Crème <mark>Quandary</mark> &lt; &amp;',
      'Plain Thing',
    ]);
  });

  it('does not mind accents', async () => {
    for (const q of ['creme quandary', 'CRÈME quandary', 'crem']) expect((await search({ q })).page.total).toBe(1);
  });

  it('searches for what was meant when nothing is found', async () => {
    const { items, didYouMean } = await search({ q: 'brass quandray' });
    expect(didYouMean).toEqual({ text: 'brass quandary', applied: true });
    expect(items.map((item) => item.name)).toEqual(['Brass Quandary']);
    expect((await search({ q: 'quandary' })).didYouMean).toBeNull();
    expect(await search({ q: 'xqzjw' })).toMatchObject({ didYouMean: null, page: { total: 0, totalIsExact: true } });
  });

  it('finds a product by its name in full, first', async () => {
    const { items } = await search({ q: 'Plain Thing' });
    expect(items[0]?.name).toBe('Plain Thing');
  });

  it('suggests what may come while it is typed', async () => {
    const { queries, categories, products } = await suggest('Quan');
    expect(queries).toContain('quandary');
    expect(products.map((product) => product.name)).toContain('Brass Quandary');
    expect((await suggest('quixotic s')).categories.map(({ id }) => id)).toContain(shelf);
    expect(categories).toEqual([]);
    expect((await suggest('copper quand')).queries).toContain('copper quandary');
    expect((await suggest('copper quand')).products.map((product) => product.name)).toContain('Copper Quandary');
  });

  it.each(["'", '%', '\\', '🏮', 'the', 'a', ':*', '-', '"'])('suggests for any text: %s', async (q) => {
    expect(await suggest(q)).toMatchObject({ queries: expect.any(Array), products: expect.any(Array) });
  });

  it.each(['', '?q=', `?q=${'a'.repeat(101)}`, '?q=a&x=1'])('refuses to suggest for %s', async (query) => {
    const answer = await anyone.send('GET', `/v1/products/suggestions${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  describe('over many that match', () => {
    const word = `zirk${randomUUID().replace(/[^a-f]/g, '')}`;
    let many: string;

    beforeAll(async () => {
      many = await ownCategory(stores, 'Many');
      await stores.rows(
        'products',
        `INSERT INTO products (id, sku, name, price, category_id)
         SELECT gen_random_uuid(), 'M-' || gen_random_uuid(), $1 || ' ' || lpad(n::text, 5, '0'), n, $2
         FROM generate_series(1, 6000) AS n`,
        [word, many],
      );
    });

    afterAll(async () => {
      await stores.rows('products', `UPDATE products SET deleted_at = now() WHERE category_id = $1`, [many]);
    });

    const page = (query: Record<string, string>) => search({ category: many, q: word, pageSize: '50', ...query });

    it('says that it stopped counting', async () => {
      const answer = await page({});
      expect(answer.page).toEqual({ page: 1, pageSize: 50, total: 200, totalIsExact: false });
      expect(answer.facets).toMatchObject({ counted: 200, isExact: false });
    });

    it('knows how much a category holds, and walks all of it', async () => {
      const query = new URLSearchParams({ category: many, sort: 'price', page: '120', pageSize: '50' }).toString();
      const { items, page: info, facets } = await anyone.get<SearchPage>(`/v1/products/search?${query}`);
      expect(info).toEqual({ page: 120, pageSize: 50, total: 6000, totalIsExact: true });
      expect(facets).toMatchObject({ counted: 200, isExact: false });
      expect(items.map((item) => item.price.amount).slice(-1)).toEqual(['6000.00']);
    });

    it('gives as many as it counted, each once', async () => {
      const ids: string[] = [];
      for (const n of ['1', '2', '3', '4', '5']) ids.push(...(await page({ page: n })).items.map(({ id }) => id));
      expect([ids.length, new Set(ids).size]).toEqual([200, 200]);
    });

    it.each([
      ['price', '1.00', '51.00'],
      ['-price', '6000.00', '5950.00'],
      ['name', '1.00', '51.00'],
    ])('sorts all of them by %s, not those it counted', async (sort, first, second) => {
      const filters: Record<string, string>[] = [{}, { minPrice: '0' }];
      for (const more of filters) {
        expect((await page({ sort, ...more })).items[0]?.price.amount).toBe(first);
        expect((await page({ sort, page: '2', ...more })).items[0]?.price.amount).toBe(second);
      }
    });
  });
});
