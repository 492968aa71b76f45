import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, sqlLater } from '../database/sql';
import type { ReservationStatus } from './reservation.state';
import type { StockChange, StockLevel } from './stock.types';

export interface ReservationLine {
  productId: string;
  quantity: number;
}

export interface LockedLine extends ReservationLine {
  checkoutId: string;
  status: ReservationStatus;
}

interface LineRow {
  checkout_id: string;
  product_id: string;
  quantity: number;
  status: ReservationStatus;
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

  /**
   * Sets stock aside where enough is left and notes it as held; gives the rows of which it did so. They are locked by
   * product id first, as everyone locks them: what the update then takes is locked, whatever order it goes in. A row
   * that another has changed meanwhile is judged as it is now.
   */
  async hold(
    tx: EntityManager,
    reservation: { checkoutId: string; orderId: string; warehouseId: string; ttlSeconds: number },
    lines: readonly (ReservationLine & { id: string })[],
  ): Promise<StockLevel[]> {
    const rows = await sql<LevelRow>(
      tx,
      `WITH locked AS (
         SELECT product_id FROM inventory WHERE product_id = ANY($6::uuid[]) ORDER BY product_id FOR UPDATE
       ), taken AS (
         UPDATE inventory
         SET reserved_quantity = reserved_quantity + line.quantity, version = version + 1, updated_at = shop_now()
         FROM locked
         JOIN unnest($5::uuid[], $6::uuid[], $7::int[]) AS line(id, product_id, quantity) USING (product_id)
         WHERE inventory.product_id = locked.product_id
           AND inventory.quantity - inventory.reserved_quantity >= line.quantity
         RETURNING line.id, line.quantity AS held, inventory.product_id, inventory.quantity,
           inventory.reserved_quantity, inventory.low_stock
       ), noted AS (
         INSERT INTO reservations (id, checkout_id, order_id, warehouse_id, product_id, quantity, expires_at)
         SELECT id, $1, $2, $3, product_id, held, shop_now() + make_interval(secs => $4)
         FROM taken
       )
       SELECT product_id, quantity, reserved_quantity, low_stock FROM taken`,
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
    return rows.map(toLevel);
  }

  /**
   * The lines of these checkouts and their states, locked in one order, so that a second mover finds them moved. By
   * reservations_line_key.
   */
  async lockLines(tx: EntityManager, checkoutIds: readonly string[]): Promise<LockedLine[]> {
    const rows = await sql<LineRow>(
      tx,
      `SELECT checkout_id, product_id, quantity, status
       FROM reservations
       WHERE checkout_id = ANY($1::uuid[])
       ORDER BY checkout_id, product_id
       FOR UPDATE`,
      [checkoutIds],
    );
    return rows.map((row) => ({
      checkoutId: row.checkout_id,
      productId: row.product_id,
      quantity: row.quantity,
      status: row.status,
    }));
  }

  move(tx: EntityManager, checkoutIds: readonly string[], from: ReservationStatus, to: ReservationStatus): void {
    sqlLater(
      tx,
      `UPDATE reservations
       SET status = $3, updated_at = shop_now()
       WHERE checkout_id = ANY($1::uuid[]) AND status = $2`,
      [checkoutIds, from, to],
    );
  }

  /**
   * Changes both counters of each product by all its lines: `reserved` and `onHand` are -1, 0 or 1 times their
   * quantities. The rows are locked by the caller, in order.
   */
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
       FROM (
         SELECT product_id, sum(quantity)::int AS quantity
         FROM unnest($1::uuid[], $2::int[]) AS lines(product_id, quantity)
         GROUP BY product_id
       ) AS line
       WHERE inventory.product_id = line.product_id
       RETURNING inventory.product_id, inventory.quantity, inventory.reserved_quantity, inventory.low_stock`,
      [lines.map((line) => line.productId), lines.map((line) => line.quantity), change.reserved, change.onHand],
    );
    return rows.map(toLevel);
  }

  /** The ledger: every change of what is on hand, with its order. */
  recordMovements(
    tx: EntityManager,
    movement: { warehouseId: string; cause: StockChange; sign: -1 | 1 },
    lines: readonly (ReservationLine & { orderId: string })[],
  ): void {
    sqlLater(
      tx,
      `INSERT INTO stock_movements (product_id, warehouse_id, delta, cause, order_id)
       SELECT line.product_id, $1, $2::int * line.quantity, $3, line.order_id
       FROM unnest($4::uuid[], $5::uuid[], $6::int[]) AS line(order_id, product_id, quantity)`,
      [
        movement.warehouseId,
        movement.sign,
        movement.cause,
        lines.map((line) => line.orderId),
        lines.map((line) => line.productId),
        lines.map((line) => line.quantity),
      ],
    );
  }
}
