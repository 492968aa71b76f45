import type { SearchSort } from '../products/products.service';
import { NAMES_ONE } from './search-words.queries';

/**
 * The texts of the search. Each is built once, here, from constants: texts become named statements.
 *
 * At any size of the catalogue a search looks at no more than CANDIDATES products. GIN cannot stop early, so a word that is
 * everywhere is first looked for in a sample: every 256th product, then every 16th, then all. The first that has enough
 * gives the candidates; what was asked for decides by itself which one that is.
 */

/** What is ranked and counted at most; beyond, the total is "this many or more". */
export const CANDIDATES = 200;

/** How far an index is walked for a page. Words can lie all at the far end: brands do, where names begin with them. */
const LONGEST_WALK = 20_000;

/** $3 category with all below it, $4 and $5 prices, $6 in stock. */
const FILTERS = `($3::uuid[] IS NULL OR s.category_id = ANY ($3))
  AND ($4::numeric IS NULL OR s.price >= $4) AND ($5::numeric IS NULL OR s.price <= $5)
  AND ($6::boolean IS NULL OR s.sold_out <> $6)`;

/** The last column makes each order total, so that pages never overlap. */
const ORDERS: Record<SearchSort, (table: string) => string> = {
  relevance: (t) => `${t}.named DESC, ${t}.rank DESC, ${t}.product_id`,
  name: (t) => `${t}.name, ${t}.product_id`,
  price: (t) => `${t}.price, ${t}.product_id`,
  '-price': (t) => `${t}.price DESC, ${t}.product_id DESC`,
  newest: (t) => `${t}.created_at DESC, ${t}.product_id DESC`,
};

const COUNTED = `s.product_id, s.category_id, s.price, s.sold_out`;

/** The matches of one sample, by its own GIN index: product_search_words_tier2_idx, …_tier1_idx, product_search_words_idx. */
function matchesOf(tier: 0 | 1 | 2, columns: string, limit = `LIMIT ${CANDIDATES}`): string {
  const sample = tier === 0 ? '' : `s.tier >= ${tier} AND`;
  const finer = [2, 1].filter((other) => other > tier);
  const needed = finer.map((other) => `AND (SELECT count(*) FROM tier${other}) < ${CANDIDATES}`).join(' ');
  return `tier${tier} AS MATERIALIZED (
    SELECT ${columns}
    FROM product_search s
    WHERE ${sample} s.words @@ $1::tsquery AND ${FILTERS} ${needed}
    ${limit}
  )`;
}

/** The first sample that has enough, else all there are. */
const FIRST_WITH_ENOUGH = `
  SELECT * FROM tier2 WHERE (SELECT count(*) FROM tier2) >= ${CANDIDATES}
  UNION ALL
  SELECT * FROM tier1 WHERE (SELECT count(*) FROM tier1) >= ${CANDIDATES}
  UNION ALL
  SELECT * FROM tier0`;

/** Where price bands end and the next begin, in the shop's currency. */
export const PRICE_STEPS = [10, 25, 50, 100, 250, 500, 1000] as const;

/** Counted over the candidates: of all matches there are, or of CANDIDATES of them. */
const summary = (total = 'count(*)::int') => `
  summary AS (
    SELECT ${total} AS total,
      json_build_object(
        'categories', (
          SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'count', counted.n)
                                   ORDER BY counted.n DESC, c.name, c.id), '[]')
          FROM (SELECT category_id, count(*)::int AS n FROM candidates GROUP BY category_id
                ORDER BY n DESC, category_id LIMIT 20) AS counted
          JOIN categories c ON c.id = counted.category_id),
        'prices', (
          SELECT coalesce(json_agg(json_build_object('band', band, 'count', n) ORDER BY band), '[]')
          FROM (SELECT width_bucket(price, '{${PRICE_STEPS.join()}}'::numeric[]) AS band, count(*)::int AS n FROM candidates GROUP BY 1) AS counted),
        'inStock', count(*) FILTER (WHERE NOT sold_out),
        'soldOut', count(*) FILTER (WHERE sold_out)) AS facets
    FROM candidates
  )`;

/** Some sample had enough: there are more matches than were looked at. */
const FROM_A_SAMPLE = `(SELECT count(*) FROM tier2) >= ${CANDIDATES} OR (SELECT count(*) FROM tier1) >= ${CANDIDATES}`;

/** All matches were looked at. */
function complete(sort: SearchSort): string {
  const cut = sort === 'relevance' ? ` OR (SELECT count(*) FROM tier0) >= ${CANDIDATES}` : '';
  return `NOT (${FROM_A_SAMPLE}${cut})`;
}

/**
 * The page's products as cards; a row at least, so that the summary comes along with a page beyond the end. One by one, by
 * products_pkey: planned without its values, a page could be of any size.
 */
function answer(sort: SearchSort, isComplete = complete(sort)): string {
  return `
  SELECT summary.total, ${isComplete} AS complete,
    CASE WHEN page.place = 1 OR page.place IS NULL THEN summary.facets END AS facets, card.*
  FROM summary
  LEFT JOIN (SELECT found.*, row_number() OVER (ORDER BY ${ORDERS[sort]('found')}) AS place FROM found) AS page ON true
  LEFT JOIN LATERAL (
    SELECT p.id, p.sku, p.slug, p.name, p.description, p.price, p.currency, p.category_id, c.name AS category_name,
      p.image_url, p.created_at,
      ts_headline('catalogue', p.name, nullif($2::text, '')::tsquery,
        'StartSel=' || chr(1) || ',StopSel=' || chr(2) || ',HighlightAll=true') AS marked
    FROM products p
    JOIN categories c ON c.id = p.category_id
    WHERE p.id = page.product_id
    LIMIT 1
  ) AS card ON true
  ORDER BY page.place`;
}

/** $1 marks, $2 words, $3-$6 filters, $7 limit, $8 offset, $9 the text in full. Ranks by weight and closeness. */
function byRelevance(): string {
  const columns = `${COUNTED}, ts_rank(s.words, $2::tsquery) AS rank`;
  return `
  WITH named AS MATERIALIZED (
    SELECT ${columns}
    FROM (SELECT p.id FROM products p WHERE p.deleted_at IS NULL AND ${NAMES_ONE('$9::text')} LIMIT 100) AS meant
    JOIN product_search s ON s.product_id = meant.id
    WHERE ${FILTERS}
  ),
  ${matchesOf(2, columns)},
  ${matchesOf(1, columns)},
  ${matchesOf(0, columns)},
  candidates AS MATERIALIZED (
    SELECT *, true AS named FROM named
    UNION ALL
    (SELECT *, false FROM (${FIRST_WITH_ENOUGH}) AS matching
     WHERE product_id <> ALL (ARRAY (SELECT product_id FROM named))
     LIMIT ${CANDIDATES})
  ),
  found AS (
    SELECT * FROM candidates ORDER BY ${ORDERS.relevance('candidates')} LIMIT $7 OFFSET $8
  ),
  ${summary()}
  ${answer('relevance')}`;
}

const WITHIN_PRICES = `AND price >= coalesce($4::numeric, 0) AND price <= coalesce($5::numeric, 99999999.99)`;

/** What each order walks: only what its index holds, so that the walk itself touches no product. */
const WALKS: Record<Exclude<SearchSort, 'relevance'>, { walked: string; order: string; within: string }> = {
  name: { walked: 'name', order: 'name, id', within: '' },
  price: { walked: 'price', order: 'price, id', within: WITHIN_PRICES },
  '-price': { walked: 'price', order: 'price DESC, id DESC', within: WITHIN_PRICES },
  newest: { walked: 'created_at', order: 'created_at DESC, id DESC', within: '' },
};

/**
 * Few matches are read and sorted, many are met soon along products_name_idx, products_price_idx or
 * products_created_at_idx; those that are not are read and sorted after all. Always the whole catalogue is in order, not
 * a sample of it.
 */
function byColumn(sort: Exclude<SearchSort, 'relevance'>): string {
  const { walked, order, within } = WALKS[sort];
  const columns = `${COUNTED}, s.name, s.created_at`;
  const sortable = `s.product_id, s.name, s.price, s.created_at`;
  return `
  WITH ${matchesOf(2, columns)},
  ${matchesOf(1, columns)},
  ${matchesOf(0, columns, '')},
  candidates AS MATERIALIZED (${FIRST_WITH_ENOUGH}),
  walked AS MATERIALIZED (
    SELECT met.*
    FROM (SELECT ${walked}, id FROM products WHERE deleted_at IS NULL ${within} ORDER BY ${order} LIMIT ${LONGEST_WALK}) AS p
    CROSS JOIN LATERAL (
      SELECT ${sortable}
      FROM product_search s
      WHERE s.product_id = p.id AND ($2::text IS NULL OR s.words @@ $2::tsquery) AND ${FILTERS}
      LIMIT 1
    ) AS met
    WHERE ${FROM_A_SAMPLE}
    LIMIT $7::int + $8::int
  ),
  found AS (
    (SELECT product_id, name, price, created_at FROM tier0 ORDER BY ${ORDERS[sort]('tier0')} LIMIT $7 OFFSET $8)
    UNION ALL
    (SELECT * FROM walked WHERE (SELECT count(*) FROM walked) = $7::int + $8::int
     ORDER BY ${ORDERS[sort]('walked')} LIMIT $7 OFFSET $8)
    UNION ALL
    (SELECT ${sortable}
     FROM product_search s
     WHERE (${FROM_A_SAMPLE}) AND (SELECT count(*) FROM walked) < $7::int + $8::int
       AND s.words @@ $1::tsquery AND ${FILTERS}
     ORDER BY ${ORDERS[sort]('s')} LIMIT $7 OFFSET $8)
  ),
  ${summary()}
  ${answer(sort)}`;
}

/** All of a category, by the walks that list it; its total is kept. Facets count candidates. */
function ofCategory(sort: Exclude<SearchSort, 'relevance'>): string {
  const { walked, order } = WALKS[sort];
  return `
  WITH ${matchesOf(2, COUNTED)},
  ${matchesOf(1, COUNTED)},
  ${matchesOf(0, COUNTED)},
  candidates AS MATERIALIZED (${FIRST_WITH_ENOUGH}),
  found AS (
    SELECT near.*
    FROM unnest($3::uuid[]) AS tree(category)
    CROSS JOIN LATERAL (
      SELECT id AS product_id, ${walked}
      FROM products
      WHERE deleted_at IS NULL AND category_id = tree.category
      ORDER BY ${order}
      LIMIT $7::int + $8::int
    ) AS near
    ORDER BY ${ORDERS[sort]('near')}
    LIMIT $7 OFFSET $8
  ),
  ${summary('(SELECT coalesce(sum(products), 0)::int FROM category_counts WHERE category_id = ANY ($3))')}
  ${answer(sort, 'true')}`;
}

/** A search for nothing but a category. */
export const SEARCH_CATEGORY: Readonly<Record<Exclude<SearchSort, 'relevance'>, string>> = {
  name: ofCategory('name'),
  price: ofCategory('price'),
  '-price': ofCategory('-price'),
  newest: ofCategory('newest'),
};

export const SEARCH: Readonly<Record<SearchSort, string>> = {
  relevance: byRelevance(),
  name: byColumn('name'),
  price: byColumn('price'),
  '-price': byColumn('-price'),
  newest: byColumn('newest'),
};
