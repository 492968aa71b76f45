import type { DataSource } from 'typeorm';
import { FIND_DETAIL, LIST_ALL, LIST_CATEGORY, RELATED } from '../../../src/products/catalogue.queries';
import { COMPLETE, CORRECT, SUGGEST_PRODUCTS, UNDERSTAND } from '../../../src/search/search-words.queries';
import { SEARCH, SEARCH_CATEGORY } from '../../../src/search/search.queries';
import { ScratchDatabase } from '../../support/scratch-database';

const ROOT = '00000000-0000-4000-8000-00000000000a';
const LEAF = '00000000-0000-4000-8000-00000000000b';
const NOTHING = 'NULL';

/** The plan each of these statements has, whatever its values: the connection asks for no other. */
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

const search = [`'''brass'''`, `'''brass'''`, NOTHING, NOTHING, NOTHING, NOTHING, '20', '0'];
/** Index alone: the walk itself touches no product. */
const along = (index: string): RegExp => new RegExp(`Index Only Scan( Backward)? using ${index} `);

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
       SELECT gen_random_uuid(), 'PLAN-' || n, 'Thing ' || translate(md5(n::text), '0123456789', 'ghijklmnop'),
              'Word ' || md5((n % 500)::text), n % 900,
              CASE WHEN n % 100 = 0 THEN '${LEAF}'::uuid ELSE md5((1 + n % 60)::text)::uuid END
       FROM generate_series(1, 20000) AS n`,
    );
    for (const table of ['products', 'categories', 'product_search', 'search_words', 'category_counts']) {
      await source.query(`VACUUM ANALYZE ${table}`);
    }
  }, 60_000);

  afterAll(() => scratch.drop());

  it.each([
    ['relevance', [...search, `'brass'`]],
    ['name', search],
    ['price', search],
    ['-price', search],
    ['newest', search],
  ] as const)('search by %s along the samples and the whole', async (sort, values) => {
    const plan = await genericPlan(source, SEARCH[sort], values);
    for (const index of ['words_tier2_idx', 'words_tier1_idx', 'words_idx']) {
      expect(plan).toContain(`Bitmap Index Scan on product_search_${index}`);
    }
    expect(plan).not.toMatch(/Seq Scan on (products|product_search)/);
  });

  it.each([
    ['name', 'products_name_idx'],
    ['price', 'products_price_idx'],
    ['-price', 'products_price_idx'],
    ['newest', 'products_created_at_idx'],
  ] as const)('walk the whole catalogue by %s along %s alone, listed or searched', async (sort, index) => {
    expect(await genericPlan(source, LIST_ALL[sort], ['20', '0'])).toMatch(along(index));
    expect(await genericPlan(source, SEARCH[sort], search)).toMatch(along(index));
  });

  it.each([
    ['name', 'products_category_id_idx'],
    ['price', 'products_category_price_idx'],
    ['-price', 'products_category_price_idx'],
    ['newest', 'products_category_created_at_idx'],
  ] as const)('walk a category by %s along %s alone', async (sort, index) => {
    expect(await genericPlan(source, LIST_CATEGORY[sort], ['20', '0', `'${LEAF}'`])).toMatch(along(index));
    expect(await genericPlan(source, SEARCH_CATEGORY[sort], search)).toMatch(along(index));
  });

  it.each([
    ['a detail', FIND_DETAIL, [`'${LEAF}'`], 'products_pkey'],
    ['what is related', RELATED, [`'${LEAF}'`, '8'], 'products_category_price_idx'],
    ['a SKU', SEARCH.relevance, [...search, `'PLAN-1'`], 'products_sku_key'],
    ['completions', COMPLETE, [`'bra'`, '6'], 'search_words_pkey'],
    ['a word', UNDERSTAND, [`'bra'`, `''`, `'bra'`, NOTHING, NOTHING, NOTHING], 'search_words_pkey'],
    ['corrections', CORRECT, [`'bras'`], 'search_words_likeness_idx'],
    ['suggestions', SUGGEST_PRODUCTS, [`'''brass'''`, `'brass'`, '6'], 'product_search_words_tier1_idx'],
  ] as const)('find %s by an index', async (_, text, values, index) => {
    const plan = await genericPlan(source, text, values);
    expect(plan).toContain(index);
    expect(plan).not.toMatch(/Seq Scan on (products|product_search|search_words)/);
  });
});
