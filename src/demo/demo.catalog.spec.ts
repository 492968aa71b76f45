import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_CATEGORY, DEMO_PRODUCT } from '../common/demo-data';
import { DEMO_SKU_PREFIX, demoCatalogue } from './demo.catalog';

const { categories, products } = demoCatalogue();

describe('the demo catalogue', () => {
  it('is the same every time', () => {
    expect(demoCatalogue()).toEqual({ categories, products });
  });

  it('has enough of everything to page and search through', () => {
    expect(products.length).toBeGreaterThanOrEqual(240);
    expect(categories.filter(({ parentId }) => parentId === null)).toHaveLength(5);
    expect(categories.filter(({ parentId }) => parentId !== null).length).toBeGreaterThanOrEqual(20);
  });

  it('has ids, SKUs and names that are unique', () => {
    for (const key of ['id', 'sku', 'name'] as const) {
      expect(new Set(products.map((product) => product[key])).size).toBe(products.length);
    }
    expect(new Set(categories.map(({ id }) => id)).size).toBe(categories.length);
    expect(products.every(({ sku }) => sku.startsWith(DEMO_SKU_PREFIX))).toBe(true);
  });

  it('puts parents before children and products into leaves', () => {
    const known = new Set<string>();
    const parents = new Set<string>();
    for (const { id, parentId } of categories) {
      if (parentId !== null) {
        expect(known).toContain(parentId);
        parents.add(parentId);
      }
      known.add(id);
    }
    expect(products.every(({ categoryId }) => known.has(categoryId) && !parents.has(categoryId))).toBe(true);
  });

  it('has some products that are nearly gone and some that are', () => {
    const count = (matches: (quantity: number) => boolean) => products.filter((p) => matches(p.quantity)).length;
    expect(count((quantity) => quantity === 0)).toBeGreaterThanOrEqual(3);
    expect(count((quantity) => quantity > 0 && quantity < 5)).toBeGreaterThanOrEqual(3);
    expect(count((quantity) => quantity >= 20)).toBeGreaterThanOrEqual(200);
  });

  it('shows pictures that exist', () => {
    const missing = products.filter(({ imageUrl }) => !existsSync(join(__dirname, '../../nginx', imageUrl ?? '')));
    expect(missing.map(({ imageUrl }) => imageUrl)).toEqual([]);
  });

  it('has what the documentation names, and plenty of it', () => {
    const { id, sku, name, description, imageUrl } = DEMO_PRODUCT;
    const product = products.find((candidate) => candidate.id === id);
    expect(product).toMatchObject({ sku, name, description, imageUrl, categoryId: DEMO_CATEGORY.id });
    expect(product?.price).toBe(Math.round(Number(DEMO_PRODUCT.amount) * 100));
    expect(product?.quantity).toBeGreaterThan(100);
    expect(categories.find((candidate) => candidate.id === DEMO_CATEGORY.id)?.name).toBe(DEMO_CATEGORY.name);
  });
});
