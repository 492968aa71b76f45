import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { toAmount } from '../common/money';
import { sql, sqlLater, type Executor } from '../database/sql';
import { CLEARANCE, MAX_LINES, MAX_QUANTITY } from './cart.constants';
import { ADD, LOCK, RAISE_VERSION, REMOVE_ORDERED, SNAPSHOT } from './cart.queries';
import type { CartItem, CartLine, CartOwner, CartSnapshot } from './cart.types';

interface AddColumns {
  quantity: number;
  lines: number;
  known: boolean;
  cartId: string | null;
  version: number | null;
  items: CartLine[];
}

/** `changed`: someone changed the cart in between; `gone`: the guest's cart is no more. Nothing was added. */
export type Added = { cart: CartSnapshot } | { refused: 'lines' | 'quantity' | 'changed' | 'gone' };

function tableOf({ kind }: CartOwner): 'user' | 'guest' {
  return kind === 'user' ? 'user' : 'guest';
}

function amountOf({ seenPrice }: CartLine): string | null {
  return typeof seenPrice === 'number' ? toAmount(seenPrice) : null;
}

/** Every change raises the cart's version, which locks its row: changes of one cart take turns. */
@Injectable()
export class CartRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  /** As the transaction has left it so far; null when there is none. */
  async snapshot(owner: CartOwner, executor: Executor = this.source): Promise<CartSnapshot | null> {
    const [cart] = await sql<CartSnapshot>(executor, SNAPSHOT[tableOf(owner)], [owner.id]);
    return cart ?? null;
  }

  /** By carts_user_id_key; users who never had a cart are left out. */
  async versions(userIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await sql<{ user_id: string; version: number }>(
      this.source,
      `SELECT user_id, version FROM carts WHERE user_id = ANY($1::uuid[])`,
      [userIds],
    );
    return new Map(rows.map((row) => [row.user_id, row.version]));
  }

  /** Adds to the line, or makes it; and the cart with it, but for a guest who had one. */
  async add(executor: Executor, owner: CartOwner, newId: string, line: CartLine): Promise<Added> {
    const price = amountOf(line);
    const values = [owner.id, line.productId, line.quantity, MAX_QUANTITY, MAX_LINES, price];
    const all = owner.kind === 'guest' ? values : [...values, newId];
    const [row] = await sql<AddColumns>(executor, ADD[owner.kind], all);
    if (!row || (owner.kind === 'guest' && !row.known)) return { refused: 'gone' };
    const { quantity, lines, cartId, version, items } = row;
    if (cartId !== null && version !== null) return { cart: { cartId, version, items } };
    return { refused: quantity > MAX_QUANTITY ? 'quantity' : lines > MAX_LINES ? 'lines' : 'changed' };
  }

  /** Keeps others from changing the cart until the transaction ends; false when there is none. */
  async lock(tx: EntityManager, owner: CartOwner): Promise<boolean> {
    return (await sql(tx, LOCK[tableOf(owner)], [owner.id])).length > 0;
  }

  /** Raises the version, which locks the cart; null when there is none. */
  async next(tx: EntityManager, owner: CartOwner): Promise<string | null> {
    const [cart] = await sql<{ id: string }>(tx, RAISE_VERSION[tableOf(owner)], [owner.id]);
    return cart?.id ?? null;
  }

  /** False when there is no such line. */
  async setQuantity(tx: EntityManager, cartId: string, line: CartLine): Promise<boolean> {
    const changed = await sql(
      tx,
      `UPDATE cart_items SET quantity = $3, seen_price = coalesce($4, seen_price)
       WHERE cart_id = $1 AND product_id = $2
       RETURNING product_id`,
      [cartId, line.productId, line.quantity, amountOf(line)],
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

  /** The whole cart of a user, by carts_user_id_key. */
  removeOf(tx: EntityManager, userId: string): void {
    sqlLater(tx, `DELETE FROM carts WHERE user_id = $1`, [userId]);
  }

  /**
   * Takes what was ordered out of the user's lines, once for a checkout however often it is told; what was added since
   * stays. Gives the cart's version as it is now, 0 where there is none.
   */
  async removeOrdered(order: { checkoutId: string; userId: string; items: readonly CartItem[] }): Promise<number> {
    const items = order.items.map(({ productId, quantity }) => ({ productId, quantity }));
    const [changed] = await sql<{ version: number }>(this.source, REMOVE_ORDERED, [
      CLEARANCE,
      order.checkoutId,
      order.userId,
      JSON.stringify(items),
    ]);
    // Asked anew: who waited for another's claim has a view of the cart from before that.
    return changed?.version ?? (await this.versions([order.userId])).get(order.userId) ?? 0;
  }
}
