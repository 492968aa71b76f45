import { CLAIM } from '../messaging/inbox/inbox.queries';

/** The texts that read, fill and empty a cart, of a user's and of a guest's: each owner is found by an index of its own. */
type OwnerColumn = 'user_id' | 'guest_id';

const LINE = `json_build_object(
  'productId', product_id, 'quantity', quantity, 'seenPrice', (seen_price * 100)::bigint) ORDER BY added_at, product_id`;

/** One statement, so that the items are those of the version. */
function snapshotBy(owner: OwnerColumn): string {
  return `
    SELECT carts.id AS "cartId", carts.version,
           coalesce(json_agg(${LINE}) FILTER (WHERE product_id IS NOT NULL), '[]') AS items
    FROM carts
    LEFT JOIN cart_items ON cart_items.cart_id = carts.id
    WHERE carts.${owner} = $1
    GROUP BY carts.id`;
}

export const SNAPSHOT = { user: snapshotBy('user_id'), guest: snapshotBy('guest_id') } as const;

/**
 * The whole of adding to a cart. A statement sees the rows as they were when it began, so it changes the cart only if
 * that is still at the version seen: then what it computed (limits, and the cart as it is now) holds. Else it changes
 * nothing. $1 owner, $2 product, $3 quantity, $4 most of one product, $5 most lines, $6 price seen; $7 id of a first
 * cart.
 */
function adding(owner: OwnerColumn, cart: string): string {
  return `
    WITH seen AS (
      SELECT id, version FROM carts WHERE ${owner} = $1
    ), other AS (
      SELECT product_id, quantity, added_at, seen_price
      FROM cart_items
      WHERE cart_id = (SELECT id FROM seen) AND product_id <> $2
    ), wanted AS (
      SELECT $3 + coalesce(
               (SELECT quantity FROM cart_items WHERE cart_id = (SELECT id FROM seen) AND product_id = $2), 0
             ) AS quantity,
             1 + (SELECT count(*)::int FROM other) AS lines
    ), cart AS (
      ${cart}
      RETURNING carts.id, carts.version
    ), line AS (
      INSERT INTO cart_items (cart_id, product_id, quantity, seen_price)
      SELECT cart.id, $2, $3, $6::numeric FROM cart
      ON CONFLICT (cart_id, product_id) DO UPDATE
      SET quantity = cart_items.quantity + EXCLUDED.quantity, seen_price = EXCLUDED.seen_price
      RETURNING product_id, quantity, added_at, seen_price
    )
    SELECT wanted.quantity, wanted.lines, EXISTS (SELECT FROM seen) AS known, cart.id AS "cartId", cart.version,
           (SELECT json_agg(${LINE}) FROM (SELECT * FROM other UNION ALL SELECT * FROM line) AS item) AS items
    FROM wanted
    LEFT JOIN cart ON true`;
}

/** A guest's cart that is gone does not come back: its token is worth nothing any more. */
export const ADD = {
  user: adding(
    'user_id',
    `INSERT INTO carts (id, user_id, version)
     SELECT $7::uuid, $1::uuid, 1 FROM wanted WHERE quantity <= $4 AND lines <= $5
     ON CONFLICT (user_id) DO UPDATE SET version = carts.version + 1, updated_at = shop_now()
     WHERE carts.version = (SELECT version FROM seen)`,
  ),
  guest: adding(
    'guest_id',
    `UPDATE carts SET version = carts.version + 1, updated_at = shop_now()
     FROM seen, wanted
     WHERE carts.id = seen.id AND carts.version = seen.version AND wanted.quantity <= $4 AND wanted.lines <= $5`,
  ),
  'new guest': adding(
    'guest_id',
    `INSERT INTO carts (id, guest_id, version)
     SELECT $7::uuid, $1::uuid, 1 FROM wanted WHERE quantity <= $4 AND lines <= $5`,
  ),
} as const;

function lockingBy(owner: OwnerColumn): string {
  return `SELECT 1 FROM carts WHERE ${owner} = $1 FOR UPDATE`;
}

export const LOCK = { user: lockingBy('user_id'), guest: lockingBy('guest_id') } as const;

function raisingBy(owner: OwnerColumn): string {
  return `UPDATE carts SET version = version + 1, updated_at = shop_now() WHERE ${owner} = $1 RETURNING id`;
}

export const RAISE_VERSION = { user: raisingBy('user_id'), guest: raisingBy('guest_id') } as const;

/**
 * $1 and $2 claim the checkout in the inbox, $3 the user, $4 what was ordered. Gives no row where the checkout is known
 * already, or where there is no cart: then nothing changes. Who changed the cart meanwhile is waited for, and a line is
 * then taken as it is, not as the statement saw it when it began: so each is taken out whole, and what is left put back.
 */
export const REMOVE_ORDERED = `
  WITH fresh AS (
    ${CLAIM}
  ), cart AS (
    UPDATE carts SET version = version + 1, updated_at = shop_now()
    FROM fresh
    WHERE user_id = $3
    RETURNING id, version
  ), ordered AS (
    SELECT "productId" AS product_id, sum(quantity) AS quantity
    FROM json_to_recordset($4::json) AS item("productId" uuid, quantity integer)
    GROUP BY "productId"
  ), taken AS (
    DELETE FROM cart_items
    USING cart, ordered
    WHERE cart_items.cart_id = cart.id AND cart_items.product_id = ordered.product_id
    RETURNING cart_items.cart_id, cart_items.product_id, cart_items.quantity - ordered.quantity AS quantity, added_at,
              seen_price
  ), rest AS (
    INSERT INTO cart_items (cart_id, product_id, quantity, added_at, seen_price)
    SELECT cart_id, product_id, quantity, added_at, seen_price FROM taken WHERE quantity > 0
  )
  SELECT version FROM cart`;
