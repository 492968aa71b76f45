import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql } from '../database/sql';

export type ShipmentStatus = 'preparing' | 'shipped' | 'delivered' | 'cancelled';

/** Table: shipments; the order's row is locked by the caller before. */
@Injectable()
export class ShipmentsRepository {
  /** The order's shipment, made if there is none. */
  async prepare(tx: EntityManager, id: string, orderId: string): Promise<{ id: string; status: ShipmentStatus }> {
    const [row] = await sql<{ id: string; status: ShipmentStatus }>(
      tx,
      `WITH made AS (
         INSERT INTO shipments (id, order_id)
         VALUES ($1, $2)
         ON CONFLICT (order_id) DO NOTHING
         RETURNING id, status
       )
       SELECT id, status FROM made
       UNION ALL
       SELECT id, status FROM shipments WHERE order_id = $2
       LIMIT 1`,
      [id, orderId],
    );
    if (!row) throw new Error('the shipment was not stored');
    return row;
  }

  async ship(tx: EntityManager, id: string, carrier: string, trackingNumber: string): Promise<void> {
    await sql(
      tx,
      `UPDATE shipments
       SET status = 'shipped', carrier = $2, tracking_number = $3, shipped_at = shop_now()
       WHERE id = $1 AND status = 'preparing'`,
      [id, carrier, trackingNumber],
    );
  }

  async deliver(tx: EntityManager, id: string): Promise<void> {
    await sql(
      tx,
      `UPDATE shipments SET status = 'delivered', delivered_at = shop_now() WHERE id = $1 AND status = 'shipped'`,
      [id],
    );
  }

  async cancel(tx: EntityManager, orderId: string): Promise<void> {
    await sql(tx, `UPDATE shipments SET status = 'cancelled' WHERE order_id = $1 AND status = 'preparing'`, [orderId]);
  }
}
