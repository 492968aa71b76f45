import type { DataSource } from 'typeorm';
import { LIST_ALL, LIST_CATEGORY, SEARCH_WORDS } from '../../../src/products/catalogue.queries';
import { ScratchDatabase } from '../../support/scratch-database';

const ROOT = '00000000-0000-4000-8000-00000000000a';
const LEAF = '00000000-0000-4000-8000-00000000000b';

/** The plan a named statement gets once PostgreSQL plans it without its values. */
async function genericPlan(source: DataSource, text: string, values: readonly string[]): Promise<string> {
  const runner = source.createQueryRunner();
  try {
    await runner.query(`SET plan_cache_mode = force_generic_plan`);
    await runner.query(`PREPARE planned AS ${text}`);
    const lines: { 'QUERY PLAN': string }[] = await runner.query(`EXPLAIN EXECUTE planned(${values.join(', ')})`);
    await runner.query(`DEALLOCATE planned`);
    return lines.map((line) => line['QUERY PLAN']).join('\n');
  } finally {
    await runner.release();
  }
}

describe('the catalogue statements, prepared, over 20 000 products', () => {
  let scratch: ScratchDatabase;
  let source: DataSource;

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('products');
    source = await scratch.open();
    await source.runMigrations();
    await source.query(`INSERT INTO categories (id, name) VALUES ('${ROOT}', 'Root')`);
    await source.query(`INSERT INTO categories (id, name, parent_id) VALUES ('${LEAF}', 'Leaf', '${ROOT}')`);
    await source.query(
      `INSERT INTO categories (id, name, parent_id)
       SELECT md5(n::text)::uuid, 'Leaf ' || n, '${ROOT}' FROM generate_series(1, 60) AS n`,
    );
    await source.query(
      `INSERT INTO products (id, sku, name, description, price, category_id)
       SELECT gen_random_uuid(), 'PLAN-' || n, 'Thing ' || md5(n::text), 'Word ' || md5((n % 500)::text), n % 900,
              CASE WHEN n % 100 = 0 THEN '${LEAF}'::uuid ELSE md5((1 + n % 60)::text)::uuid END
       FROM generate_series(1, 20000) AS n`,
    );
    await source.query(`ANALYZE products`);
    await source.query(`ANALYZE categories`);
  }, 60_000);

  afterAll(() => scratch.drop());

  it('search words by products_search_idx and SKUs by products_sku_key', async () => {
    const plan = await genericPlan(source, SEARCH_WORDS.relevance, [
      '20',
      '0',
      'NULL',
      'NULL',
      'NULL',
      'NULL',
      `'lamp brass'`,
      `'lamp '`,
      `'brass:*'`,
    ]);
    expect(plan).toContain('products_search_idx');
    expect(plan).toContain('products_sku_key');
    expect(plan).not.toMatch(/Seq Scan on products/);
  });

  it.each([
    ['name', 'products_name_idx'],
    ['price', 'products_price_idx'],
    ['-price', 'products_price_idx'],
    ['newest', 'products_created_at_idx'],
  ] as const)('sort the whole catalogue by %s along %s', async (sort, index) => {
    expect(await genericPlan(source, LIST_ALL[sort], ['20', '0'])).toContain(index);
  });

  it('find a category by products_category_id_idx', async () => {
    expect(await genericPlan(source, LIST_CATEGORY.name, ['20', '0', `'${LEAF}'`])).toContain(
      'products_category_id_idx',
    );
  });
});
