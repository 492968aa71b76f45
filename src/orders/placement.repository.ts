import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';

export interface PlacementRow {
  order_id: string;
  status: 'live' | 'ended' | 'tombstone';
}

/** Table: placements, for ever: which checkout became which order, or never will. */
@Injectable()
export class PlacementRepository {
  /** False when this checkout, or a live order of the same cart version, is already there. */
  async insertLive(
    tx: EntityManager,
    placement: { checkoutId: string; orderId: string; cartId: string; cartVersion: number },
  ): Promise<boolean> {
    const rows = await sql(
      tx,
      `INSERT INTO placements (checkout_id, order_id, cart_id, cart_version, status)
       VALUES ($1, $2, $3, $4, 'live')
       ON CONFLICT DO NOTHING
       RETURNING checkout_id`,
      [placement.checkoutId, placement.orderId, placement.cartId, placement.cartVersion],
    );
    return rows.length > 0;
  }

  async insertTombstone(tx: EntityManager, checkoutId: string, orderId: string): Promise<void> {
    await sql(
      tx,
      `INSERT INTO placements (checkout_id, order_id, status)
       VALUES ($1, $2, 'tombstone')
       ON CONFLICT (checkout_id) DO NOTHING`,
      [checkoutId, orderId],
    );
  }

  async find(tx: EntityManager, checkoutId: string): Promise<PlacementRow | null> {
    const [row] = await sql<PlacementRow>(tx, `SELECT order_id, status FROM placements WHERE checkout_id = $1`, [
      checkoutId,
    ]);
    return row ?? null;
  }

  /** Which of these checkouts became orders; a tombstone is none. */
  async placedOf(executor: Executor, checkoutIds: readonly string[]): Promise<string[]> {
    const rows = await sql<{ checkout_id: string }>(
      executor,
      `SELECT checkout_id FROM placements WHERE checkout_id = ANY($1::uuid[]) AND status <> 'tombstone'`,
      [checkoutIds],
    );
    return rows.map((row) => row.checkout_id);
  }

  /** The order was cancelled: its cart version may be ordered again. */
  async end(tx: EntityManager, checkoutId: string): Promise<void> {
    await sql(tx, `UPDATE placements SET status = 'ended' WHERE checkout_id = $1 AND status = 'live'`, [checkoutId]);
  }
}
