import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, sqlLater } from '../database/sql';
import { SHIPMENT, type ShipmentStatus } from './shipment.state';

export interface ShipmentRecord {
  id: string;
  status: ShipmentStatus;
}

/** Table: shipments; the order's row is locked by the caller before. */
@Injectable()
export class ShipmentsRepository {
  /** The order's shipment, made if there is none. */
  async prepare(tx: EntityManager, id: string, orderId: string): Promise<ShipmentRecord> {
    const [row] = await sql<ShipmentRecord>(
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

  /** The same for orders that just became `processing`: none of them is shipped. */
  prepareAll(tx: EntityManager, shipments: readonly { orderId: string; shipmentId: string }[]): void {
    if (shipments.length === 0) return;
    sqlLater(
      tx,
      `INSERT INTO shipments (id, order_id)
       SELECT id, order_id FROM unnest($1::uuid[], $2::uuid[]) AS shipment(id, order_id)
       ON CONFLICT (order_id) DO NOTHING`,
      [shipments.map(({ shipmentId }) => shipmentId), shipments.map(({ orderId }) => orderId)],
    );
  }

  async find(tx: EntityManager, orderId: string): Promise<ShipmentRecord | null> {
    const [row] = await sql<ShipmentRecord>(tx, `SELECT id, status FROM shipments WHERE order_id = $1`, [orderId]);
    return row ?? null;
  }

  /** False when the shipment is in no state that may become this one. */
  async setStatus(
    tx: EntityManager,
    id: string,
    status: ShipmentStatus,
    parcel?: { carrier: string; trackingNumber: string },
  ): Promise<boolean> {
    const moved = await sql(
      tx,
      `UPDATE shipments
       SET status = $2::varchar,
           carrier = coalesce($3, carrier),
           tracking_number = coalesce($4, tracking_number),
           shipped_at = CASE WHEN $2::varchar = 'shipped' THEN shop_now() ELSE shipped_at END,
           delivered_at = CASE WHEN $2::varchar = 'delivered' THEN shop_now() ELSE delivered_at END
       WHERE id = $1 AND status = ANY($5::text[])
       RETURNING id`,
      [id, status, parcel?.carrier ?? null, parcel?.trackingNumber ?? null, SHIPMENT.sourcesOf(status)],
    );
    return moved.length > 0;
  }
}
