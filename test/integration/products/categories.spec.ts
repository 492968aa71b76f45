import { randomUUID } from 'node:crypto';
import { newProduct, type ProductBody } from '../../support/catalogue';
import { eventually } from '../../support/eventually';
import { Shop, type Answer, type Problem, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';
import { whileLocked } from '../../support/table-lock';

interface Category {
  id: string;
  name: string;
  slug: string;
  parentId: string | null;
  version: number;
}

describe('the tree of categories', () => {
  const shop = new Shop();
  const stores = new Stores();
  const servers = shop.stack.apiUrls.map((_, i) => shop.visitor(i));
  let admin: Visitor;

  beforeAll(async () => {
    admin = await shop.admin();
  });
  afterAll(() => stores.close());

  const create = (name: string, parentId: string | null = null) =>
    admin.post<Category>('/v1/admin/categories', { name, parentId });
  const patch = (id: string, body: object, match?: string): Promise<Answer<Category & Problem>> =>
    admin.send('PATCH', `/v1/admin/categories/${id}`, body, match === undefined ? {} : { 'if-match': match });
  const read = (id: string) => admin.get<Category>(`/v1/admin/categories/${id}`);

  it('gets categories with an address made of the name, each its own', async () => {
    const name = `Straße & Café ${randomUUID().slice(0, 8)}`;
    const [one, other] = [await create(name), await create(name)];
    expect(one).toMatchObject({ name, parentId: null, version: 1 });
    expect(one.slug).toBe(`strasse-cafe-${name.slice(-8)}`);
    expect(other.slug).toMatch(new RegExp(`^${one.slug}-[0-9a-f]{12}$`));
    const { items } = await admin.get<{ items: Category[] }>('/v1/admin/categories');
    expect(items).toEqual(expect.arrayContaining([one, other]));
    expect(await admin.send('POST', '/v1/admin/categories', { name: 'X', slug: one.slug })).toMatchObject({
      status: 409,
      body: { code: 'slug_taken' },
    });
    expect(await admin.send('POST', '/v1/admin/categories', { name: 'X', parentId: randomUUID() })).toMatchObject({
      status: 404,
    });
  });

  it('renames by the version that was seen; products tell the new name on every server', async () => {
    const category = await create('Before');
    const product = await admin.post<ProductBody>('/v1/admin/products', newProduct(category.id, {}));
    for (const server of servers) await server.get(`/v1/products/${product.id}`);
    expect(await patch(category.id, { name: 'After' })).toMatchObject({ status: 428 });
    expect(await patch(category.id, { name: 'After' }, '"2"')).toMatchObject({ status: 412 });
    const renamed = await patch(category.id, { name: 'After' }, 'W/"1"');
    expect(renamed.headers.get('etag')).toBe('"2"');
    expect(renamed.body).toEqual({ ...category, name: 'After', version: 2 });
    for (const server of servers) {
      expect((await server.get<ProductBody>(`/v1/products/${product.id}`)).category.name).toBe('After');
    }
  });

  it('moves a category with all below it, never into itself', async () => {
    const [a, b] = [await create('A'), await create('B')];
    const below = await create('A1', a.id);
    expect(await patch(a.id, { parentId: b.id }, '"1"')).toMatchObject({ status: 200, body: { parentId: b.id } });
    expect((await read(below.id)).parentId).toBe(a.id);
    for (const target of [a.id, below.id]) {
      expect(await patch(a.id, { parentId: target }, '*')).toMatchObject({
        status: 409,
        body: { code: 'category.cycle' },
      });
    }
    expect(await patch(a.id, { parentId: null }, '"2"')).toMatchObject({ body: { parentId: null, version: 3 } });
  });

  it('makes no ring of two moves that cross', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [a, b] = [await create(`Left ${round}`), await create(`Right ${round}`)];
      // Below each other's child: between these no row is locked by both.
      const [belowA, belowB] = [await create('Below left', a.id), await create('Below right', b.id)];
      const answers = await Promise.all([
        patch(a.id, { parentId: belowB.id }, '*'),
        patch(b.id, { parentId: belowA.id }, '*'),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    }
  });

  it('goes ten deep', async () => {
    let parent: string | null = null;
    for (let depth = 1; depth <= 10; depth += 1) parent = (await create(`Level ${depth}`, parent)).id;
    expect(await admin.send('POST', '/v1/admin/categories', { name: 'Too deep', parentId: parent })).toMatchObject({
      status: 409,
      body: { code: 'category.too_deep' },
    });
  });

  it('loses only what is empty', async () => {
    const parent = await create('Parent');
    const child = await create('Child', parent.id);
    const product = await admin.post<ProductBody>('/v1/admin/products', newProduct(child.id, {}));
    await admin.send('DELETE', `/v1/admin/products/${product.id}`);
    for (const id of [parent.id, child.id]) {
      expect(await admin.send('DELETE', `/v1/admin/categories/${id}`)).toMatchObject({
        status: 409,
        body: { code: 'category.not_empty' },
      });
    }
    const empty = await create('Empty');
    expect((await admin.send('DELETE', `/v1/admin/categories/${empty.id}`)).status).toBe(204);
    expect((await admin.send('GET', `/v1/admin/categories/${empty.id}`)).status).toBe(404);
  });

  it('has nothing below one that is being taken away meanwhile', async () => {
    const parent = await create('On its way out');
    const [removed, added] = await whileLocked('products', 'audit_log', async (waiting) => {
      const removing = admin.send('DELETE', `/v1/admin/categories/${parent.id}`, undefined, { 'if-match': '"1"' });
      await waiting(1);
      const adding = admin.send<Problem>('POST', '/v1/admin/categories', { name: 'Late', parentId: parent.id });
      await eventually('the other to wait too', async () => {
        return (await stores.rows('products', 'SELECT 1 FROM pg_locks WHERE NOT granted')).length > 1;
      });
      return [removing, adding];
    });
    expect((await removed).status).toBe(204);
    expect(await added).toMatchObject({ status: 404, body: { code: 'category.not_found' } });
  });
});
