// @ts-check
/**
 * node bench/generate-products.mjs --count 1000000 --seed 1 --url <products database, as its owner>
 * Fills a migrated products database with a catalogue as shops have them: few words are in very many products and most
 * in few, categories and brands are of very different sizes, prices spread over decades. The same seed gives the same
 * rows. All in one transaction; indexes that only slow it down are made anew at its end.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { copyLines, line } from './copy-lines.mjs';
import { productFactory, categoryTree } from './product-factory.mjs';

const ROWS_A_STATEMENT = 25_000;
const WAREHOUSE = '01900000-0000-7000-8000-000000000001';
const LOW_STOCK_BELOW = 5;
const TABLES = ['products', 'product_search', 'inventory', 'stock_movements'];

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    url: { type: 'string' },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
if (!values.url || !Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: generate-products.mjs --count <products> --seed <number> --url <products database, as owner>');
  process.exit(64);
}

const generator = xoroshiro128plus(seed);
/** From 0 to 1, without 1. */
const chance = () => (generator.next() >>> 0) / 2 ** 32;

/** What the load does not need: no key, no constraint. @param {pg.Client} client @returns {Promise<{ name: string, made: string }[]>} */
async function takeIndexesAway(client) {
  const { rows } = await client.query(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made
     FROM pg_index
     WHERE indrelid = ANY ($1::regclass[]::oid[]) AND NOT indisunique`,
    [TABLES],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows;
}

const client = new pg.Client({ connectionString: values.url });
await client.connect();
const begun = Date.now();
const say = (/** @type {string} */ text) =>
  console.log(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${text}`);

await client.query('BEGIN');
await client.query(`SET LOCAL maintenance_work_mem = '256MB'`);
await client.query(`SET LOCAL synchronous_commit = off`);
const indexes = await takeIndexesAway(client);

const categories = categoryTree(chance, seed);
await copyLines(
  client,
  'categories (id, name, slug, parent_id)',
  categories.map(({ id, name, slug, parentId }) => line([id, name, slug, parentId])),
);
const makeProduct = productFactory(chance, categories, seed, count);

for (let made = 0; made < count;) {
  const products = Array.from({ length: Math.min(ROWS_A_STATEMENT, count - made) }, (_, i) => makeProduct(made + i));
  await copyLines(
    client,
    'products (id, sku, name, slug, description, price, category_id, attributes, image_url, created_at, updated_at)',
    products.map((p) =>
      line([
        p.id,
        p.sku,
        p.name,
        p.slug,
        p.description,
        p.price,
        p.categoryId,
        JSON.stringify(p.attributes),
        p.imageUrl,
        p.createdAt,
        p.createdAt,
      ]),
    ),
  );
  await copyLines(
    client,
    'inventory (product_id, warehouse_id, quantity, low_stock)',
    products.map((p) => line([p.id, WAREHOUSE, p.quantity, p.quantity < LOW_STOCK_BELOW])),
  );
  await copyLines(
    client,
    'stock_movements (product_id, warehouse_id, delta, cause)',
    products.filter((p) => p.quantity > 0).map((p) => line([p.id, WAREHOUSE, p.quantity, 'import'])),
  );
  made += products.length;
  if (made === count || made % (ROWS_A_STATEMENT * 4) === 0) say(`${made} products`);
}

for (const { name, made } of indexes) {
  await client.query(made);
  say(`index ${name}`);
}
await client.query('COMMIT');
for (const table of [...TABLES, 'categories', 'category_counts', 'search_words']) {
  await client.query(`VACUUM (ANALYZE) ${table}`);
}
say('done');
await client.end();
