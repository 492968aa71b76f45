import { randomUUID } from 'node:crypto';
import { newProduct, ownCategory, usd, type ProductBody, type ProductPage } from '../../support/catalogue';
import { Shop, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Crumb {
  id: string;
  name: string;
  slug: string;
}

interface DetailBody extends ProductBody {
  attributes: Record<string, string>;
  images: { url: string; alt: string; width: number | null; height: number | null }[];
  breadcrumbs: Crumb[];
}

interface CategoryBody extends Crumb {
  productCount: number;
  breadcrumbs: Crumb[];
  children: (Crumb & { productCount: number })[];
}

describe("a product's and a category's page", () => {
  const shop = new Shop();
  const stores = new Stores();
  const anyone = shop.visitor(0);
  const name = `Brass Lantern ${randomUUID().slice(0, 8)}`;
  let admin: Visitor;
  let root: string;
  let shelf: string;
  let lantern: ProductBody;
  let twin: ProductBody;

  const add = (category: string, fields: Parameters<typeof newProduct>[1]) =>
    admin.post<ProductBody>('/v1/admin/products', newProduct(category, fields));
  const statusOf = async (path: string) => (await anyone.send('GET', path)).status;

  beforeAll(async () => {
    admin = await shop.admin();
    root = await ownCategory(stores, 'Lights');
    shelf = await ownCategory(stores, 'Lanterns', root);
    lantern = await add(shelf, { name, price: usd('20.00') });
    twin = await add(shelf, { name, price: usd('21.00') });
    await add(shelf, { name: 'Cheap', price: usd('1.00') });
    await add(shelf, { name: 'Dear', price: usd('900.00') });
    await add(root, { name: 'Elsewhere', price: usd('20.00') });
    await stores.rows('products', `UPDATE products SET attributes = '{"colour": "red"}' WHERE id = $1`, [lantern.id]);
    await stores.rows(
      'products',
      `INSERT INTO product_images (id, product_id, url, alt, width, height, position)
       VALUES (gen_random_uuid(), $1, '/back.webp', 'Back', 800, 600, 1), (gen_random_uuid(), $1, '/front.webp', 'Front', NULL, NULL, 0)`,
      [lantern.id],
    );
  });

  afterAll(() => stores.close());

  it('has an address made of its name, and no other product has it', async () => {
    expect(lantern.slug).toBe(name.toLowerCase().replaceAll(' ', '-'));
    expect(twin.slug).toBe(`${lantern.slug}-${twin.id.slice(-12)}`);
    expect((await anyone.get<DetailBody>(`/v1/products/by-slug/${twin.slug}`)).id).toBe(twin.id);
    expect(await statusOf(`/v1/products/by-slug/${randomUUID()}`)).toBe(404);
    expect(await statusOf('/v1/products/by-slug/%00')).toBe(404);
  });

  it('gives two made at the same time addresses of their own', async () => {
    const same = `Twins ${randomUUID()}`;
    const made = await Promise.all([1, 2, 3, 4].map(() => add(shelf, { name: same, price: usd('500.00') })));
    expect(new Set(made.map(({ slug }) => slug)).size).toBe(4);
  });

  it('shows attributes, images in their order and the way to it', async () => {
    const detail = await anyone.get<DetailBody>(`/v1/products/${lantern.id}`);
    expect(detail.attributes).toEqual({ colour: 'red' });
    expect(detail.images).toEqual([
      { url: '/front.webp', alt: 'Front', width: null, height: null },
      { url: '/back.webp', alt: 'Back', width: 800, height: 600 },
    ]);
    expect(detail.breadcrumbs.map(({ id }) => id)).toEqual([root, shelf]);
  });

  it('shows what is like it: of its category, the nearest in price first', async () => {
    const { items } = await anyone.get<{ items: ProductBody[] }>(`/v1/products/${lantern.id}/related`);
    expect(items.slice(0, 2).map((item) => item.name)).toEqual([name, 'Cheap']);
    expect(items.every((item) => item.category.id === shelf && item.id !== lantern.id)).toBe(true);
    expect(items.length).toBeLessThanOrEqual(8);
  });

  it('shows where a category hangs, and how much is on sale in it and below', async () => {
    const page = await anyone.get<CategoryBody>(`/v1/categories/${root}`);
    const [counted] = await stores.rows<{ n: number }>(
      'products',
      `SELECT count(*)::int AS n FROM products WHERE category_id IN ($1, $2)`,
      [root, shelf],
    );
    expect(page.productCount).toBe(counted?.n);
    expect(page.children).toEqual([
      { id: shelf, name: 'Lanterns', slug: expect.any(String), productCount: (counted?.n ?? 0) - 1 },
    ]);
    const below = await anyone.get<CategoryBody>(`/v1/categories/by-slug/${page.children[0]?.slug}`);
    expect(below.breadcrumbs.map(({ id }) => id)).toEqual([root, shelf]);
    expect(await statusOf(`/v1/categories/${randomUUID()}`)).toBe(404);
    expect(await statusOf('/v1/categories/by-slug/no-such-category')).toBe(404);
  });

  it('is nowhere once its product is off sale', async () => {
    const gone = await add(shelf, { name: `Gone ${randomUUID()}`, price: usd('20.50') });
    await stores.rows('products', `UPDATE products SET deleted_at = shop_now() WHERE id = $1`, [gone.id]);
    await stores.redis.del('products:generation');
    expect(await statusOf(`/v1/products/${gone.id}`)).toBe(404);
    expect(await statusOf(`/v1/products/by-slug/${gone.slug}`)).toBe(404);
    const lists = [
      `/v1/products?category=${root}&pageSize=100`,
      `/v1/products/search?q=${gone.sku}`,
      `/v1/products/search?category=${root}&pageSize=100`,
      `/v1/products/${lantern.id}/related`,
    ];
    for (const list of lists) {
      expect((await anyone.get<ProductPage>(list)).items.map(({ id }) => id)).not.toContain(gone.id);
    }
    const customer = await shop.customer();
    const added = await customer.send('POST', '/v1/cart/items', { productId: gone.id, quantity: 1 });
    expect(added.status).toBe(404);
  });
});
