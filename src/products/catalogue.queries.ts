import type { ProductSort } from './products.types';

/**
 * The texts of the catalogue's lists. Each is built once, here, from constants: texts become named statements, and only
 * a whole text of its own lets each sort order walk its index.
 */
export const PRODUCT_COLUMNS = `p.id, p.sku, p.slug, p.name, p.description, p.price, p.currency, p.category_id,
  c.name AS category_name, p.image_url, p.created_at`;

/** The column each order walks. The id makes it total, so that pages never overlap. */
const WALKS: Record<ProductSort, { column: string; direction: '' | ' DESC' }> = {
  name: { column: 'name', direction: '' },
  price: { column: 'price', direction: '' },
  '-price': { column: 'price', direction: ' DESC' },
  newest: { column: 'created_at', direction: ' DESC' },
};

function orderOf(sort: ProductSort, table: string): string {
  const { column, direction } = WALKS[sort];
  return `${table}.${column}${direction}, ${table}.id${direction}`;
}

/** The category $n and all below it, by categories_parent_id_idx; UNION ends even on a ring. */
function tree(parameter: string): string {
  return `tree AS (
      SELECT id FROM categories WHERE id = ${parameter}::uuid
      UNION
      SELECT child.id FROM categories child JOIN tree ON child.parent_id = tree.id
    )`;
}

/**
 * The cards of what `found` walked past, one by one by products_pkey: planned without its values, a page could be of any
 * size. One row at least, so that the total comes along even with a page beyond the end.
 */
function page(total: string, sort: ProductSort): string {
  return `SELECT counted.total, card.*
    FROM (${total}) AS counted
    LEFT JOIN found ON true
    LEFT JOIN LATERAL (
      SELECT ${PRODUCT_COLUMNS} FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = found.id LIMIT 1
    ) AS card ON true
    ORDER BY ${orderOf(sort, 'found')}`;
}

/** Along products_name_idx, products_price_idx or products_created_at_idx alone. $1 limit, $2 offset. */
function allSorted(sort: ProductSort): string {
  return `WITH found AS MATERIALIZED (
      SELECT p.id, p.${WALKS[sort].column}
      FROM products p
      WHERE p.deleted_at IS NULL
      ORDER BY ${orderOf(sort, 'p')}
      LIMIT $1 OFFSET $2
    )
    ${page('SELECT coalesce(sum(products), 0)::int AS total FROM category_counts', sort)}`;
}

/**
 * Each category of the tree is walked no further than the page needs, along products_category_id_idx,
 * products_category_price_idx or products_category_created_at_idx alone; then the walks are merged. $3 category.
 */
function categorySorted(sort: ProductSort): string {
  return `WITH RECURSIVE ${tree('$3')},
    found AS MATERIALIZED (
      SELECT walked.*
      FROM tree
      CROSS JOIN LATERAL (
        SELECT p.id, p.${WALKS[sort].column}
        FROM products p
        WHERE p.deleted_at IS NULL AND p.category_id = tree.id
        ORDER BY ${orderOf(sort, 'p')}
        LIMIT $1::int + $2::int
      ) AS walked
      ORDER BY ${orderOf(sort, 'walked')}
      LIMIT $1 OFFSET $2
    )
    ${page(
      `SELECT coalesce(sum(counts.products), 0)::int AS total
       FROM tree JOIN category_counts counts ON counts.category_id = tree.id`,
      sort,
    )}`;
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

/** By products_pkey, product_images_place_key and categories_pkey, up to the root. */
export const FIND_DETAIL = `
  SELECT ${PRODUCT_COLUMNS}, p.attributes,
    (SELECT coalesce(
       json_agg(json_build_object('url', i.url, 'alt', i.alt, 'width', i.width, 'height', i.height) ORDER BY i.position), '[]')
     FROM product_images i
     WHERE i.product_id = p.id) AS images,
    (WITH RECURSIVE path AS (
       SELECT own.id, own.name, own.slug, own.parent_id, 0 AS steps FROM categories own WHERE own.id = p.category_id
       UNION ALL
       SELECT up.id, up.name, up.slug, up.parent_id, path.steps + 1
       FROM path JOIN categories up ON up.id = path.parent_id
       WHERE path.steps < 50
     )
     SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug) ORDER BY steps DESC) FROM path) AS breadcrumbs
  FROM products p
  JOIN categories c ON c.id = p.category_id
  WHERE p.id = $1 AND p.deleted_at IS NULL`;

/** The nearest in price of the same category, by two walks from the product along products_category_price_idx. $2 limit. */
export const RELATED = `
  WITH own AS MATERIALIZED (
    SELECT id, category_id, price FROM products WHERE id = $1 AND deleted_at IS NULL
  ),
  near AS MATERIALIZED (
    (SELECT up.id, up.price - own.price AS distance
     FROM own
     CROSS JOIN LATERAL (
       SELECT p.id, p.price
       FROM products p
       WHERE p.deleted_at IS NULL AND p.category_id = own.category_id AND (p.price, p.id) > (own.price, own.id)
       ORDER BY p.price, p.id
       LIMIT $2
     ) AS up)
    UNION ALL
    (SELECT down.id, own.price - down.price
     FROM own
     CROSS JOIN LATERAL (
       SELECT p.id, p.price
       FROM products p
       WHERE p.deleted_at IS NULL AND p.category_id = own.category_id AND (p.price, p.id) < (own.price, own.id)
       ORDER BY p.price DESC, p.id DESC
       LIMIT $2
     ) AS down)
  )
  SELECT card.*
  FROM (SELECT id, distance FROM near ORDER BY distance, id LIMIT $2) AS nearest
  CROSS JOIN LATERAL (
    SELECT ${PRODUCT_COLUMNS} FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = nearest.id LIMIT 1
  ) AS card
  ORDER BY nearest.distance, nearest.id`;
