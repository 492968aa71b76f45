import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { sql, sqlLater } from '../database/sql';

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

/** Every change first raises the cart's version, which locks its row: changes of one cart take turns. */
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

  /** Raises the version and locks the cart; `id` becomes the cart's if this is the user's first. */
  async openNext(tx: EntityManager, userId: string, id: string): Promise<string> {
    const [cart] = await sql<{ id: string }>(
      tx,
      `INSERT INTO carts (id, user_id, version) VALUES ($1, $2, 1)
       ON CONFLICT (user_id) DO UPDATE SET version = carts.version + 1, updated_at = shop_now()
       RETURNING id`,
      [id, userId],
    );
    return cart?.id ?? id;
  }

  /** The same for a cart that may not exist; null then. */
  async next(tx: EntityManager, userId: string): Promise<string | null> {
    const [cart] = await sql<{ id: string }>(
      tx,
      `UPDATE carts SET version = version + 1, updated_at = shop_now() WHERE user_id = $1 RETURNING id`,
      [userId],
    );
    return cart?.id ?? null;
  }

  /** Adds to the line, or makes it. */
  async add(tx: EntityManager, cartId: string, item: CartItem): Promise<void> {
    await sql(
      tx,
      `INSERT INTO cart_items (cart_id, product_id, quantity) VALUES ($1, $2, $3)
       ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = cart_items.quantity + EXCLUDED.quantity`,
      [cartId, item.productId, item.quantity],
    );
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
