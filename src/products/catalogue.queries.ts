import type { ProductSort, SearchSort } from './products.types';

/**
 * The texts of the catalogue's lists. Each is built once, here, from constants: texts become named statements, and only
 * a whole text of its own lets each sort order walk its index.
 */
export const PRODUCT_COLUMNS = `p.id, p.sku, p.name, p.description, p.price, p.currency, p.category_id,
  c.name AS category_name, p.image_url, p.created_at`;

/** The expression of products_search_idx, to the letter: else PostgreSQL does not use the index. */
const WORDS = `(setweight(to_tsvector('english', p.name), 'A') || setweight(to_tsvector('simple', p.sku), 'A')
  || setweight(to_tsvector('english', p.description), 'C'))`;

/** The words as people write them, or all but the last with the last as a beginning: $7 text, $8 its head, $9 prefix. */
const QUERY = `(websearch_to_tsquery('english', $7::text)
  || (websearch_to_tsquery('english', $8::text) && to_tsquery('simple', $9::text)))`;

const IS_SKU = `p.sku IN ($7::text, upper($7::text))`;

/** The last column makes each order total, so that pages never overlap. */
const ORDERS: Record<SearchSort, (table: string) => string> = {
  relevance: (t) => `${t}.is_sku DESC, ${t}.rank DESC, ${t}.id`,
  name: (t) => `${t}.name, ${t}.id`,
  price: (t) => `${t}.price, ${t}.id`,
  '-price': (t) => `${t}.price DESC, ${t}.id DESC`,
  newest: (t) => `${t}.created_at DESC, ${t}.id DESC`,
};

/** One row at least, so that the total comes along even with a page beyond the end. */
function page(counted: string, rows: string, order: string): string {
  return `SELECT counted.total, page.*
    FROM (SELECT count(*)::int AS total FROM ${counted}) AS counted
    LEFT JOIN (${rows}) AS page ON true
    ORDER BY ${order}`;
}

/** The category $n and all below it, by categories_parent_id_idx; UNION ends even on a ring. */
function tree(parameter: string): string {
  return `WITH RECURSIVE tree AS (
      SELECT id FROM categories WHERE id = ${parameter}::uuid
      UNION
      SELECT child.id FROM categories child JOIN tree ON child.parent_id = tree.id
    )`;
}

/** By products_name_idx, products_price_idx or products_created_at_idx. $1 limit, $2 offset. */
function allSorted(sort: ProductSort): string {
  const rows = `SELECT ${PRODUCT_COLUMNS}
    FROM products p
    JOIN categories c ON c.id = p.category_id
    ORDER BY ${ORDERS[sort]('p')}
    LIMIT $1 OFFSET $2`;
  return page('products', rows, ORDERS[sort]('page'));
}

/** By products_category_id_idx. $3 category. */
function categorySorted(sort: ProductSort): string {
  const inTree = 'p.category_id = ANY (ARRAY (SELECT id FROM tree))';
  const rows = `SELECT ${PRODUCT_COLUMNS}
    FROM products p
    JOIN categories c ON c.id = p.category_id
    WHERE ${inTree}
    ORDER BY ${ORDERS[sort]('p')}
    LIMIT $1 OFFSET $2`;
  return `${tree('$3')} ${page(`products p WHERE ${inTree}`, rows, ORDERS[sort]('page'))}`;
}

const PRICES_WALKED = `p.price >= coalesce($3::numeric, 0) AND p.price <= coalesce($4::numeric, 99999999.99)`;

/** The OR keeps off products_price_idx, which a plan made without values takes for narrower than the words. */
const PRICES_CHECKED = `($3::numeric IS NULL OR p.price >= $3) AND ($4::numeric IS NULL OR p.price <= $4)`;

interface SearchShape {
  text: boolean;
  ranked: boolean;
}

/**
 * With words by products_search_idx and products_sku_key, without by products_price_idx; stock by inventory_pkey.
 * $3 and $4 prices, $5 category, $6 in stock. Ranks are only worked out where they sort: that reads every word again.
 */
function searchSorted(sort: SearchSort, { text, ranked }: SearchShape): string {
  const scores = ranked ? `, ${IS_SKU} AS is_sku, ts_rank(${WORDS}, ${QUERY}) AS rank` : '';
  const words = text ? `AND (${WORDS} @@ ${QUERY} OR ${IS_SKU})` : '';
  const matching = `matching AS MATERIALIZED (
      SELECT p.id, p.name, p.price, p.created_at${scores}
      FROM products p
      WHERE ${text ? PRICES_CHECKED : PRICES_WALKED}
        AND ($5::uuid IS NULL OR p.category_id = ANY (ARRAY (SELECT id FROM tree)))
        AND ($6::boolean IS NULL OR $6 = EXISTS (
          SELECT 1 FROM inventory i WHERE i.product_id = p.id AND i.quantity > i.reserved_quantity))
        ${words}
    )`;
  const rows = `SELECT ${PRODUCT_COLUMNS}${ranked ? ', m.is_sku, m.rank' : ''}
    FROM (SELECT * FROM matching ORDER BY ${ORDERS[sort]('matching')} LIMIT $1 OFFSET $2) AS m
    JOIN products p ON p.id = m.id
    JOIN categories c ON c.id = p.category_id`;
  return `${tree('$5')}, ${matching} ${page('matching', rows, ORDERS[sort]('page'))}`;
}

export const LIST_ALL: Readonly<Record<ProductSort, string>> = {
  name: allSorted('name'),
  price: allSorted('price'),
  '-price': allSorted('-price'),
  newest: allSorted('newest'),
};

export const LIST_CATEGORY: Readonly<Record<ProductSort, string>> = {
  name: categorySorted('name'),
  price: categorySorted('price'),
  '-price': categorySorted('-price'),
  newest: categorySorted('newest'),
};

const WITH_WORDS = { text: true, ranked: false };
const WITHOUT_WORDS = { text: false, ranked: false };

export const SEARCH_WORDS: Readonly<Record<SearchSort, string>> = {
  relevance: searchSorted('relevance', { text: true, ranked: true }),
  name: searchSorted('name', WITH_WORDS),
  price: searchSorted('price', WITH_WORDS),
  '-price': searchSorted('-price', WITH_WORDS),
  newest: searchSorted('newest', WITH_WORDS),
};

/** Without words nothing is more relevant than another: by name. */
export const SEARCH_FILTERS: Readonly<Record<SearchSort, string>> = {
  relevance: searchSorted('name', WITHOUT_WORDS),
  name: searchSorted('name', WITHOUT_WORDS),
  price: searchSorted('price', WITHOUT_WORDS),
  '-price': searchSorted('-price', WITHOUT_WORDS),
  newest: searchSorted('newest', WITHOUT_WORDS),
};
