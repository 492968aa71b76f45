import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql } from '../database/sql';
import type { ReservationStatus } from './reservation.state';
import type { StockChange, StockLevel } from './stock.types';

export interface ReservationLine {
  productId: string;
  quantity: number;
}

interface LevelRow {
  product_id: string;
  quantity: number;
  reserved_quantity: number;
  low_stock: boolean;
}

function toLevel(row: LevelRow): StockLevel {
  return {
    productId: row.product_id,
    quantity: row.quantity,
    reservedQuantity: row.reserved_quantity,
    lowStock: row.low_stock,
  };
}

/** Tables: inventory (counters), reservations, stock_movements. */
@Injectable()
export class ReservationRepository {
  /** Locks the stock rows in the one order everyone takes them in: by product id. */
  async lockStock(tx: EntityManager, productIds: readonly string[]): Promise<StockLevel[]> {
    const rows = await sql<LevelRow>(
      tx,
      `SELECT product_id, quantity, reserved_quantity, low_stock
       FROM inventory
       WHERE product_id = ANY($1::uuid[])
       ORDER BY product_id
       FOR UPDATE`,
      [productIds],
    );
    return rows.map(toLevel);
  }

  /** Sets stock aside where enough is left; gives the products it did so for. */
  async addReserved(tx: EntityManager, lines: readonly ReservationLine[]): Promise<string[]> {
    const rows = await sql<{ product_id: string }>(
      tx,
      `UPDATE inventory
       SET reserved_quantity = reserved_quantity + line.quantity, version = version + 1, updated_at = shop_now()
       FROM unnest($1::uuid[], $2::int[]) AS line(product_id, quantity)
       WHERE inventory.product_id = line.product_id
         AND inventory.quantity - inventory.reserved_quantity >= line.quantity
       RETURNING inventory.product_id`,
      [lines.map((line) => line.productId), lines.map((line) => line.quantity)],
    );
    return rows.map((row) => row.product_id);
  }

  async insert(
    tx: EntityManager,
    reservation: { checkoutId: string; orderId: string; warehouseId: string; ttlSeconds: number },
    lines: readonly (ReservationLine & { id: string })[],
  ): Promise<void> {
    await sql(
      tx,
      `INSERT INTO reservations (id, checkout_id, order_id, warehouse_id, product_id, quantity, expires_at)
       SELECT line.id, $1, $2, $3, line.product_id, line.quantity, shop_now() + make_interval(secs => $4)
       FROM unnest($5::uuid[], $6::uuid[], $7::int[]) AS line(id, product_id, quantity)`,
      [
        reservation.checkoutId,
        reservation.orderId,
        reservation.warehouseId,
        reservation.ttlSeconds,
        lines.map((line) => line.id),
        lines.map((line) => line.productId),
        lines.map((line) => line.quantity),
      ],
    );
  }

  /** The lines of a checkout and their states, locked, so that a second mover finds them moved. */
  async lockLines(tx: EntityManager, checkoutId: string): Promise<(ReservationLine & { status: ReservationStatus })[]> {
    const rows = await sql<{ product_id: string; quantity: number; status: ReservationStatus }>(
      tx,
      `SELECT product_id, quantity, status
       FROM reservations
       WHERE checkout_id = $1
       ORDER BY product_id
       FOR UPDATE`,
      [checkoutId],
    );
    return rows.map(({ product_id: productId, quantity, status }) => ({ productId, quantity, status }));
  }

  async move(tx: EntityManager, checkoutId: string, from: ReservationStatus, to: ReservationStatus): Promise<void> {
    await sql(
      tx,
      `UPDATE reservations SET status = $3, updated_at = shop_now() WHERE checkout_id = $1 AND status = $2`,
      [checkoutId, from, to],
    );
  }

  /** Changes both counters by line: `reserved` and `onHand` are -1, 0 or 1 times each line's quantity. */
  async changeCounters(
    tx: EntityManager,
    lines: readonly ReservationLine[],
    change: { reserved: -1 | 0; onHand: -1 | 0 | 1 },
  ): Promise<StockLevel[]> {
    const rows = await sql<LevelRow>(
      tx,
      `UPDATE inventory
       SET reserved_quantity = reserved_quantity + $3::int * line.quantity,
           quantity = inventory.quantity + $4::int * line.quantity,
           version = version + 1,
           updated_at = shop_now()
       FROM unnest($1::uuid[], $2::int[]) AS line(product_id, quantity)
       WHERE inventory.product_id = line.product_id
       RETURNING inventory.product_id, inventory.quantity, inventory.reserved_quantity, inventory.low_stock`,
      [lines.map((line) => line.productId), lines.map((line) => line.quantity), change.reserved, change.onHand],
    );
    return rows.map(toLevel);
  }

  /** The ledger: every change of what is on hand, with its order. */
  async recordMovements(
    tx: EntityManager,
    movement: { orderId: string; warehouseId: string; cause: StockChange; sign: -1 | 1 },
    lines: readonly ReservationLine[],
  ): Promise<void> {
    await sql(
      tx,
      `INSERT INTO stock_movements (product_id, warehouse_id, delta, cause, order_id)
       SELECT line.product_id, $1, $2::int * line.quantity, $3, $4
       FROM unnest($5::uuid[], $6::int[]) AS line(product_id, quantity)`,
      [
        movement.warehouseId,
        movement.sign,
        movement.cause,
        movement.orderId,
        lines.map((line) => line.productId),
        lines.map((line) => line.quantity),
      ],
    );
  }
}
