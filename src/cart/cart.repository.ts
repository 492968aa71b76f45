import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { sql, sqlLater, type Executor } from '../database/sql';
import { MAX_LINES, MAX_QUANTITY } from './cart.constants';

export interface CartItem {
  productId: string;
  quantity: number;
}

/** A cart as it was at one version. */
export interface CartSnapshot {
  cartId: string;
  version: number;
  items: CartItem[];
}

/** One statement, so that the items are those of the version. */
const SNAPSHOT = `
  SELECT carts.id AS "cartId", carts.version,
         coalesce(
           json_agg(
             json_build_object('productId', cart_items.product_id, 'quantity', cart_items.quantity)
             ORDER BY cart_items.added_at, cart_items.product_id
           ) FILTER (WHERE cart_items.product_id IS NOT NULL),
           '[]'
         ) AS items
  FROM carts
  LEFT JOIN cart_items ON cart_items.cart_id = carts.id
  WHERE carts.user_id = $1
  GROUP BY carts.id`;

/**
 * The whole of adding to a cart. A statement sees the rows as they were when it began, so it changes the cart only if
 * that is still at the version seen: then what it computed (limits, and the cart as it is now) holds. Else it changes
 * nothing. $1 id of a first cart, $2 user, $3 product, $4 quantity, $5 most of one product, $6 most lines.
 */
const ADD = `
  WITH seen AS (
    SELECT id, version FROM carts WHERE user_id = $2
  ), other AS (
    SELECT product_id, quantity, added_at
    FROM cart_items
    WHERE cart_id = (SELECT id FROM seen) AND product_id <> $3
  ), wanted AS (
    SELECT $4 + coalesce(
             (SELECT quantity FROM cart_items WHERE cart_id = (SELECT id FROM seen) AND product_id = $3), 0
           ) AS quantity,
           1 + (SELECT count(*)::int FROM other) AS lines
  ), cart AS (
    INSERT INTO carts (id, user_id, version)
    SELECT $1::uuid, $2::uuid, 1 FROM wanted WHERE quantity <= $5 AND lines <= $6
    ON CONFLICT (user_id) DO UPDATE SET version = carts.version + 1, updated_at = shop_now()
    WHERE carts.version = (SELECT version FROM seen)
    RETURNING id, version
  ), line AS (
    INSERT INTO cart_items (cart_id, product_id, quantity)
    SELECT cart.id, $3, $4 FROM cart
    ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = cart_items.quantity + EXCLUDED.quantity
    RETURNING product_id, quantity, added_at
  )
  SELECT wanted.quantity, wanted.lines, cart.id AS "cartId", cart.version,
         (SELECT json_agg(
                   json_build_object('productId', product_id, 'quantity', quantity) ORDER BY added_at, product_id)
          FROM (SELECT * FROM other UNION ALL SELECT * FROM line) AS item) AS items
  FROM wanted
  LEFT JOIN cart ON true`;

interface AddColumns {
  quantity: number;
  lines: number;
  cartId: string | null;
  version: number | null;
  items: CartItem[];
}

/** `changed`: someone changed the cart in between; nothing was added. */
export type Added = { cart: CartSnapshot } | { refused: 'lines' | 'quantity' | 'changed' };

/** Every change raises the cart's version, which locks its row: changes of one cart take turns. */
@Injectable()
export class CartRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  /** Null when the user never had a cart. */
  async snapshot(userId: string): Promise<CartSnapshot | null> {
    const [cart] = await sql<CartSnapshot>(this.source, SNAPSHOT, [userId]);
    return cart ?? null;
  }

  /** As this transaction has left it so far. */
  async snapshotIn(tx: EntityManager, userId: string): Promise<CartSnapshot | null> {
    const [cart] = await sql<CartSnapshot>(tx, SNAPSHOT, [userId]);
    return cart ?? null;
  }

  /** By carts_user_id_key; users who never had a cart are left out. */
  async versions(tx: EntityManager, userIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await sql<{ user_id: string; version: number }>(
      tx,
      `SELECT user_id, version FROM carts WHERE user_id = ANY($1::uuid[])`,
      [userIds],
    );
    return new Map(rows.map((row) => [row.user_id, row.version]));
  }

  /** Adds to the line, or makes it, and the cart with it. */
  async add(executor: Executor, userId: string, newId: string, item: CartItem): Promise<Added> {
    const values = [newId, userId, item.productId, item.quantity, MAX_QUANTITY, MAX_LINES];
    const [row] = await sql<AddColumns>(executor, ADD, values);
    if (!row) return { refused: 'changed' };
    const { quantity, lines, cartId, version, items } = row;
    if (cartId !== null && version !== null) return { cart: { cartId, version, items } };
    return { refused: quantity > MAX_QUANTITY ? 'quantity' : lines > MAX_LINES ? 'lines' : 'changed' };
  }

  /** Keeps others from changing the cart until the transaction ends; false when there is none. */
  async lock(tx: EntityManager, userId: string): Promise<boolean> {
    return (await sql(tx, `SELECT 1 FROM carts WHERE user_id = $1 FOR UPDATE`, [userId])).length > 0;
  }

  /** Raises the version, which locks the cart; null when there is none. */
  async next(tx: EntityManager, userId: string): Promise<string | null> {
    const [cart] = await sql<{ id: string }>(
      tx,
      `UPDATE carts SET version = version + 1, updated_at = shop_now() WHERE user_id = $1 RETURNING id`,
      [userId],
    );
    return cart?.id ?? null;
  }

  /** False when there is no such line. */
  async setQuantity(tx: EntityManager, cartId: string, item: CartItem): Promise<boolean> {
    const changed = await sql(
      tx,
      `UPDATE cart_items SET quantity = $3 WHERE cart_id = $1 AND product_id = $2 RETURNING product_id`,
      [cartId, item.productId, item.quantity],
    );
    return changed.length > 0;
  }

  /** False when there is no such line. */
  async remove(tx: EntityManager, cartId: string, productId: string): Promise<boolean> {
    const removed = await sql(
      tx,
      `DELETE FROM cart_items WHERE cart_id = $1 AND product_id = $2 RETURNING product_id`,
      [cartId, productId],
    );
    return removed.length > 0;
  }

  async clear(tx: EntityManager, cartId: string): Promise<void> {
    await sql(tx, `DELETE FROM cart_items WHERE cart_id = $1`, [cartId]);
  }

  /** Takes what was ordered out of the user's lines, if there is a cart; what was added since stays. */
  subtract(tx: EntityManager, userId: string, items: readonly CartItem[]): void {
    sqlLater(
      tx,
      `WITH cart AS (
         UPDATE carts SET version = version + 1, updated_at = shop_now() WHERE user_id = $1 RETURNING id
       ), ordered AS (
         SELECT "productId" AS product_id, sum(quantity) AS quantity
         FROM json_to_recordset($2::json) AS item("productId" uuid, quantity integer)
         GROUP BY "productId"
       ), gone AS (
         DELETE FROM cart_items
         USING cart, ordered
         WHERE cart_items.cart_id = cart.id AND cart_items.product_id = ordered.product_id
           AND cart_items.quantity <= ordered.quantity
       )
       UPDATE cart_items
       SET quantity = cart_items.quantity - ordered.quantity
       FROM cart, ordered
       WHERE cart_items.cart_id = cart.id AND cart_items.product_id = ordered.product_id
         AND cart_items.quantity > ordered.quantity`,
      [userId, JSON.stringify(items.map(({ productId, quantity }) => ({ productId, quantity })))],
    );
  }
}
