import type { DataSource } from 'typeorm';
import { ScratchDatabase } from '../../support/scratch-database';

const SHELF = '00000000-0000-4000-8000-00000000000a';
const OTHER = '00000000-0000-4000-8000-00000000000b';

/** What the triggers keep, and the same counted anew. */
const KEPT = {
  counts: [
    `SELECT category_id, products FROM category_counts WHERE products <> 0 ORDER BY 1`,
    `SELECT category_id, count(*)::int AS products FROM products WHERE deleted_at IS NULL GROUP BY 1 ORDER BY 1`,
  ],
  words: [
    `SELECT word, products FROM search_words WHERE products <> 0 ORDER BY 1`,
    `SELECT lexeme COLLATE "C" AS word, count(*)::int AS products
     FROM products, unnest(to_tsvector('catalogue_plain', name))
     WHERE deleted_at IS NULL AND lexeme ~ '^[[:alpha:]]{3,40}$' GROUP BY 1 ORDER BY 1`,
  ],
  rows: [
    `SELECT product_id, category_id, name, price, created_at, sold_out, words::text FROM product_search ORDER BY 1`,
    `SELECT p.id AS product_id, p.category_id, p.name, p.price, p.created_at,
       coalesce(i.quantity <= i.reserved_quantity, false) AS sold_out,
       search_document(p.name, p.description, p.attributes, p.category_id, p.price)::text AS words
     FROM products p LEFT JOIN inventory i ON i.product_id = p.id WHERE p.deleted_at IS NULL ORDER BY 1`,
  ],
} as const;

describe('what is kept for lists and searches', () => {
  let scratch: ScratchDatabase;
  let source: DataSource;

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('products');
    source = await scratch.open();
    await source.runMigrations();
    await source.query(`INSERT INTO categories (id, name) VALUES ('${SHELF}', 'Shelf'), ('${OTHER}', 'Other')`);
    await source.query(
      `INSERT INTO products (id, sku, name, price, category_id)
       SELECT md5(n::text)::uuid, 'K-' || n, (ARRAY['Brass Lamp', 'Crème Brûlée', 'The Copper Lamp'])[1 + n % 3], n, '${SHELF}'
       FROM generate_series(1, 30) AS n`,
    );
    await source.query(
      `INSERT INTO inventory (product_id, warehouse_id, quantity)
       SELECT id, gen_random_uuid(), CASE WHEN price % 5 = 0 THEN 0 ELSE 9 END FROM products`,
    );
  });

  afterAll(() => scratch.drop());

  /** Prices stay for ever, and their products with them: not so here, where all ways of leaving are tried. */
  beforeAll(() => source.query(`ALTER TABLE price_history DROP CONSTRAINT price_history_product_id_fkey`));

  /** Each step is one statement of many rows. */
  it.each([
    ['are made', 'SELECT 1'],
    ['are renamed', `UPDATE products SET name = 'Silver Kettle' WHERE price <= 10`],
    ['are described', `UPDATE products SET description = 'For tea', attributes = '{"colour": "red"}' WHERE price > 20`],
    ['are repriced', `UPDATE products SET price = price + 100 WHERE price > 25`],
    ['move', `UPDATE products SET category_id = '${OTHER}' WHERE price < 15`],
    ['are taken off sale', `UPDATE products SET deleted_at = now() WHERE price % 2 = 0`],
    ['sell out, off sale or not', `UPDATE inventory SET reserved_quantity = quantity`],
    ['are renamed off sale', `UPDATE products SET name = 'Ghost' WHERE deleted_at IS NOT NULL`],
    ['come back', `UPDATE products SET deleted_at = NULL WHERE price % 4 = 0`],
    ['are in stock again', `UPDATE inventory SET reserved_quantity = 0`],
    ['are gone', `WITH stock AS (DELETE FROM inventory WHERE quantity = 0 RETURNING product_id) SELECT * FROM stock`],
    ['are gone themselves', `DELETE FROM products WHERE id NOT IN (SELECT product_id FROM inventory)`],
  ])('is right when products %s', async (_, change) => {
    await source.query(change);
    for (const [kept, counted] of Object.values(KEPT)) {
      // A product without a stock row keeps what it had.
      if (change.includes('DELETE FROM inventory')) continue;
      expect(await source.query(kept)).toEqual(await source.query(counted));
    }
  });

  it('never counts a change that was rolled back', async () => {
    const before: unknown = await source.query(KEPT.counts[0]);
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`DELETE FROM inventory`);
    await runner.query(`DELETE FROM products`);
    expect(await runner.query(KEPT.counts[0])).toEqual([]);
    await runner.rollbackTransaction();
    await runner.release();
    expect(await source.query(KEPT.counts[0])).toEqual(before);
  });

  it('does not touch the row of a product that sells while more are left', async () => {
    const rowOf = () =>
      source.query(`SELECT xmin::text FROM product_search WHERE NOT sold_out ORDER BY product_id LIMIT 1`);
    const before: unknown = await rowOf();
    await source.query(`UPDATE inventory SET reserved_quantity = 1 WHERE quantity > 1`);
    expect(await rowOf()).toEqual(before);
  });
});
