import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Words of the shop: English stems, whatever the accents. Only words that are not of ASCII need to lose theirs. Stems are
 * what a search compares; the words as they are written are what it completes and corrects.
 */
const CONFIGURATIONS = [
  `CREATE TEXT SEARCH DICTIONARY catalogue_plain (TEMPLATE = pg_catalog.simple, STOPWORDS = english)`,
  `CREATE TEXT SEARCH CONFIGURATION catalogue (COPY = pg_catalog.english)`,
  `ALTER TEXT SEARCH CONFIGURATION catalogue
     ALTER MAPPING FOR word, hword, hword_part WITH extensions.unaccent, english_stem`,
  `CREATE TEXT SEARCH CONFIGURATION catalogue_plain (COPY = pg_catalog.simple)`,
  `ALTER TEXT SEARCH CONFIGURATION catalogue_plain
     ALTER MAPPING FOR asciiword, asciihword, hword_asciipart WITH catalogue_plain`,
  `ALTER TEXT SEARCH CONFIGURATION catalogue_plain
     ALTER MAPPING FOR word, hword, hword_part WITH extensions.unaccent, catalogue_plain`,
];

/**
 * Marks no text can contain, so that GIN narrows by category and price as it does by words: `#` of every product, `#c…` of
 * its category, `#p…` of its price band.
 */
const FUNCTIONS = [
  `CREATE FUNCTION search_category_mark(category uuid) RETURNS text
   LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
   RETURN '#c' || replace(category::text, '-', '')`,
  `CREATE FUNCTION search_price_band(price numeric) RETURNS integer
   LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
   RETURN width_bucket(price, '{5,10,15,20,25,30,40,50,60,75,100,125,150,200,250,300,400,500,750,1000,1500,2000,5000,10000}'::numeric[])`,
  `CREATE FUNCTION search_document(name text, description text, attributes jsonb, category uuid, price numeric)
   RETURNS tsvector
   LANGUAGE sql STABLE PARALLEL SAFE
   AS $$
     SELECT setweight(to_tsvector('catalogue', name), 'A')
       || setweight(jsonb_to_tsvector('catalogue', attributes, '["string"]'), 'B')
       || setweight(to_tsvector('catalogue', description), 'C')
       || array_to_tsvector(ARRAY['#', search_category_mark(category), '#p' || search_price_band(price)])
   $$`,
  // 2 for one id in 256, 1 for one in 16 besides, 0 for the others: ids end in random bits.
  `CREATE FUNCTION search_tier(product uuid) RETURNS smallint
   LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
   RETURN CASE
     WHEN get_byte(uuid_send(product), 15) = 0 THEN 2
     WHEN get_byte(uuid_send(product), 15) % 16 = 0 THEN 1
     ELSE 0
   END::smallint`,
];

const TABLES = [
  `CREATE TABLE product_search (
     product_id  uuid NOT NULL,
     category_id uuid NOT NULL,
     name        varchar(255) NOT NULL,
     price       numeric(10,2) NOT NULL,
     created_at  timestamptz(3) NOT NULL,
     sold_out    boolean NOT NULL DEFAULT false,
     tier        smallint NOT NULL,
     words       tsvector NOT NULL,
     CONSTRAINT product_search_pkey PRIMARY KEY (product_id)
   ) WITH (fillfactor = 90)`,
  `CREATE INDEX product_search_words_idx ON product_search USING gin (words)`,
  `CREATE INDEX product_search_words_tier1_idx ON product_search USING gin (words) WHERE tier >= 1`,
  `CREATE INDEX product_search_words_tier2_idx ON product_search USING gin (words) WHERE tier >= 2`,
  `CREATE TABLE search_words (
     word     text COLLATE "C" NOT NULL,
     products integer NOT NULL,
     CONSTRAINT search_words_pkey PRIMARY KEY (word)
   )`,
  `CREATE INDEX search_words_likeness_idx ON search_words USING gin (word extensions.gin_trgm_ops)`,
  `CREATE TABLE category_counts (
     category_id uuid NOT NULL,
     products    integer NOT NULL,
     CONSTRAINT category_counts_pkey PRIMARY KEY (category_id)
   )`,
];

const DOCUMENT = (row: string): string =>
  `search_document(${row}.name, ${row}.description, ${row}.attributes, ${row}.category_id, ${row}.price)`;

const SOLD_OUT = (row: string): string => `coalesce(
  (SELECT stock.quantity <= stock.reserved_quantity FROM inventory stock WHERE stock.product_id = ${row}.id), false)`;

/** Each in one order, so that two who change products at once wait for each other instead of for ever. */
const count = (rows: string): string => `
  INSERT INTO category_counts AS counted (category_id, products)
  SELECT category_id, sum(change) FROM (${rows}) AS changed GROUP BY category_id HAVING sum(change) <> 0 ORDER BY category_id
  ON CONFLICT (category_id) DO UPDATE SET products = counted.products + excluded.products;`;

const countWords = (rows: string): string => `
  INSERT INTO search_words AS known (word, products)
  SELECT lexeme, sum(change)
  FROM (${rows}) AS changed, unnest(to_tsvector('catalogue_plain', name))
  WHERE lexeme ~ '^[[:alpha:]]{3,40}$'
  GROUP BY lexeme
  HAVING sum(change) <> 0
  ORDER BY lexeme
  ON CONFLICT (word) DO UPDATE SET products = known.products + excluded.products;`;

const live = (table: string, change: number): string =>
  `SELECT category_id, name, ${change} AS change FROM ${table} WHERE deleted_at IS NULL`;

/** A whole statement's rows at once: COPY of a hundred thousand asks for three statements, not for so many. */
const trigger = (name: string, body: string): string => `
  CREATE FUNCTION ${name}() RETURNS trigger
  LANGUAGE plpgsql
  AS $$
  BEGIN
    ${body}
    RETURN NULL;
  END
  $$`;

const CHANGED_NAMES = `SELECT name, sum(change) AS change
  FROM (${live('before', -1)} UNION ALL ${live('after', 1)}) AS named
  GROUP BY name
  HAVING sum(change) <> 0`;

const TRIGGERS = [
  trigger(
    'search_products_added',
    `INSERT INTO product_search (product_id, category_id, name, price, created_at, tier, words)
     SELECT id, category_id, name, price, created_at, search_tier(id), ${DOCUMENT('after')}
     FROM after
     WHERE deleted_at IS NULL;
     ${count(live('after', 1))}
     ${countWords(live('after', 1))}`,
  ),
  trigger(
    'search_products_changed',
    `DELETE FROM product_search USING after WHERE product_id = after.id AND after.deleted_at IS NOT NULL;
     INSERT INTO product_search AS found (product_id, category_id, name, price, created_at, sold_out, tier, words)
     SELECT after.id, after.category_id, after.name, after.price, after.created_at, ${SOLD_OUT('after')},
       search_tier(after.id), ${DOCUMENT('after')}
     FROM after
     JOIN before ON before.id = after.id
     WHERE after.deleted_at IS NULL
       AND (before.deleted_at IS NOT NULL
         OR (before.name, before.description, before.attributes, before.category_id, before.price, before.created_at)
           IS DISTINCT FROM
           (after.name, after.description, after.attributes, after.category_id, after.price, after.created_at))
     ON CONFLICT (product_id) DO UPDATE
     SET category_id = excluded.category_id, name = excluded.name, price = excluded.price,
       created_at = excluded.created_at, words = excluded.words;
     ${count(`${live('before', -1)} UNION ALL ${live('after', 1)}`)}
     ${countWords(CHANGED_NAMES)}`,
  ),
  trigger(
    'search_products_removed',
    `DELETE FROM product_search USING before WHERE product_id = before.id;
     ${count(live('before', -1))}
     ${countWords(live('before', -1))}`,
  ),
  trigger(
    'search_stock_added',
    `UPDATE product_search SET sold_out = true
     FROM after
     WHERE product_search.product_id = after.product_id AND after.quantity <= after.reserved_quantity;`,
  ),
  trigger(
    'search_stock_turned',
    `UPDATE product_search SET sold_out = NEW.quantity <= NEW.reserved_quantity WHERE product_id = NEW.product_id;`,
  ),
  `CREATE TRIGGER products_search_added AFTER INSERT ON products
   REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION search_products_added()`,
  `CREATE TRIGGER products_search_changed AFTER UPDATE ON products
   REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION search_products_changed()`,
  `CREATE TRIGGER products_search_removed AFTER DELETE ON products
   REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION search_products_removed()`,
  `CREATE TRIGGER inventory_search_added AFTER INSERT ON inventory
   REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION search_stock_added()`,
  // Only the last unit and the first one again are of interest: any other sale never calls the function.
  `CREATE TRIGGER inventory_search_turned AFTER UPDATE ON inventory FOR EACH ROW
   WHEN ((OLD.quantity > OLD.reserved_quantity) IS DISTINCT FROM (NEW.quantity > NEW.reserved_quantity))
   EXECUTE FUNCTION search_stock_turned()`,
];

/** What was sold before there was a search of its own. */
const FILL = [
  `INSERT INTO product_search (product_id, category_id, name, price, created_at, sold_out, tier, words)
   SELECT id, category_id, name, price, created_at, ${SOLD_OUT('products')}, search_tier(id), ${DOCUMENT('products')}
   FROM products
   WHERE deleted_at IS NULL`,
  count(live('products', 1)),
  countWords(live('products', 1)),
];

/** Lists show what is on sale, and walk an index in each order, of the whole shop and of one category. */
const LIST_INDEXES = {
  products_name_idx: 'name, id',
  products_price_idx: 'price, id',
  products_created_at_idx: 'created_at, id',
  products_category_id_idx: 'category_id, name, id',
};
const NEW_LIST_INDEXES = {
  products_category_price_idx: 'category_id, price, id',
  products_category_created_at_idx: 'category_id, created_at, id',
};

/** Searching, and listing by category, at any size of the catalogue. Kept right by triggers, whoever writes products. */
export class Search1764400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX products_search_idx`);
    for (const [name, columns] of Object.entries({ ...LIST_INDEXES, ...NEW_LIST_INDEXES })) {
      await queryRunner.query(`DROP INDEX IF EXISTS ${name}`);
      await queryRunner.query(`CREATE INDEX ${name} ON products (${columns}) WHERE deleted_at IS NULL`);
    }
    for (const statement of [...CONFIGURATIONS, ...FUNCTIONS, ...TABLES, ...TRIGGERS, ...FILL]) {
      await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const event of ['added', 'changed', 'removed']) {
      await queryRunner.query(`DROP TRIGGER products_search_${event} ON products`);
      await queryRunner.query(`DROP FUNCTION search_products_${event}()`);
    }
    for (const event of ['added', 'turned']) {
      await queryRunner.query(`DROP TRIGGER inventory_search_${event} ON inventory`);
      await queryRunner.query(`DROP FUNCTION search_stock_${event}()`);
    }
    for (const table of ['category_counts', 'search_words', 'product_search']) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
    await queryRunner.query(`DROP FUNCTION search_tier(uuid)`);
    await queryRunner.query(`DROP FUNCTION search_document(text, text, jsonb, uuid, numeric)`);
    await queryRunner.query(`DROP FUNCTION search_price_band(numeric)`);
    await queryRunner.query(`DROP FUNCTION search_category_mark(uuid)`);
    await queryRunner.query(`DROP TEXT SEARCH CONFIGURATION catalogue_plain`);
    await queryRunner.query(`DROP TEXT SEARCH CONFIGURATION catalogue`);
    await queryRunner.query(`DROP TEXT SEARCH DICTIONARY catalogue_plain`);
    for (const name of Object.keys(NEW_LIST_INDEXES)) await queryRunner.query(`DROP INDEX ${name}`);
    for (const [name, columns] of Object.entries(LIST_INDEXES)) {
      await queryRunner.query(`DROP INDEX ${name}`);
      await queryRunner.query(`CREATE INDEX ${name} ON products (${columns})`);
    }
    await queryRunner.query(`CREATE INDEX products_search_idx ON products USING gin (
      (setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('simple', sku), 'A')
        || setweight(to_tsvector('english', description), 'C'))
    )`);
  }
}
