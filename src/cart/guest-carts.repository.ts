import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql } from '../database/sql';
import { MAX_LINES } from './cart.constants';
import type { CartItem } from './cart.types';

/** A cart that is locked until the transaction ends. */
export interface LockedCart {
  id: string;
  version: number;
}

/** Of a line in both carts the larger quantity stays; of those only the guest had, the oldest, as many as fit. */
const MERGE = `
  WITH mine AS (
    SELECT product_id FROM cart_items WHERE cart_id = $1
  ), guest AS (
    SELECT product_id, quantity, added_at, seen_price, product_id IN (SELECT product_id FROM mine) AS known
    FROM cart_items
    WHERE cart_id = $2
  ), ranked AS (
    SELECT *, known OR (SELECT count(*) FROM mine)
                       + row_number() OVER (PARTITION BY known ORDER BY added_at, product_id) <= $3 AS fits
    FROM guest
  ), merged AS (
    INSERT INTO cart_items (cart_id, product_id, quantity, added_at, seen_price)
    SELECT $1::uuid, product_id, quantity, added_at, seen_price FROM ranked WHERE fits
    ON CONFLICT (cart_id, product_id) DO UPDATE
    SET quantity = greatest(cart_items.quantity, EXCLUDED.quantity),
        seen_price = coalesce(EXCLUDED.seen_price, cart_items.seen_price)
  )
  SELECT product_id AS "productId", quantity, fits FROM ranked ORDER BY added_at, product_id`;

@Injectable()
export class GuestCartsRepository {
  /** First of all: who adds to the cart, or merges it, at the same time comes before or after. Null when it is gone. */
  async lock(tx: EntityManager, guestId: string): Promise<LockedCart | null> {
    const [cart] = await sql<LockedCart>(tx, `SELECT id, version FROM carts WHERE guest_id = $1 FOR UPDATE`, [guestId]);
    return cart ?? null;
  }

  /** The user's cart at its next version, made when there is none. */
  async lockOfUser(tx: EntityManager, userId: string, newId: string): Promise<LockedCart> {
    const [cart] = await sql<LockedCart>(
      tx,
      `INSERT INTO carts (id, user_id, version) VALUES ($1, $2, 1)
       ON CONFLICT (user_id) DO UPDATE SET version = carts.version + 1, updated_at = shop_now()
       RETURNING id, version`,
      [newId, userId],
    );
    if (!cart) throw new Error('an upsert gave no row');
    return cart;
  }

  /** Both carts are locked: no line of either comes in between. Gives the guest's lines, and which found room. */
  async merge(tx: EntityManager, into: LockedCart, from: LockedCart): Promise<(CartItem & { fits: boolean })[]> {
    return sql<CartItem & { fits: boolean }>(tx, MERGE, [into.id, from.id, MAX_LINES]);
  }

  /** Its lines go with it. */
  async remove(tx: EntityManager, cart: LockedCart): Promise<void> {
    await sql(tx, `DELETE FROM carts WHERE id = $1`, [cart.id]);
  }

  /** Removes up to `limit` carts unchanged for so many days, and tells how many; sweepers work side by side. */
  async sweep(tx: EntityManager, days: number, limit: number): Promise<number> {
    const swept = await sql(
      tx,
      `DELETE FROM carts
       WHERE id IN (
         SELECT id FROM carts
         WHERE guest_id IS NOT NULL AND updated_at < shop_now() - make_interval(days => $1)
         ORDER BY updated_at
         LIMIT $2
         FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [days, limit],
    );
    return swept.length;
  }
}
