import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import type { StockLevel, StockMovement, StockRow } from './stock.types';

interface LevelColumns {
  product_id: string;
  quantity: number;
  reserved_quantity: number;
  low_stock: boolean;
}

interface RowColumns extends LevelColumns {
  version: number;
  updated_at: Date;
}

function toLevel(row: LevelColumns): StockLevel {
  return {
    productId: row.product_id,
    quantity: row.quantity,
    reservedQuantity: row.reserved_quantity,
    lowStock: row.low_stock,
  };
}

function toRow(row: RowColumns): StockRow {
  return { ...toLevel(row), version: row.version, updatedAt: row.updated_at };
}

/** Tables: inventory, stock_movements; sums up reservations. What reservations do to them is in `reservation.repository.ts`. */
@Injectable()
export class InventoryRepository {
  /** By inventory_pkey. */
  async levels(executor: Executor, productIds: readonly string[]): Promise<StockLevel[]> {
    const rows = await sql<LevelColumns>(
      executor,
      `SELECT product_id, quantity, reserved_quantity, low_stock FROM inventory WHERE product_id = ANY($1::uuid[])`,
      [productIds],
    );
    return rows.map(toLevel);
  }

  /** By inventory_pkey. */
  async find(executor: Executor, productId: string): Promise<StockRow | null> {
    const [row] = await sql<RowColumns>(
      executor,
      `SELECT product_id, quantity, reserved_quantity, low_stock, version, updated_at
       FROM inventory
       WHERE product_id = $1`,
      [productId],
    );
    return row ? toRow(row) : null;
  }

  /** By inventory_pkey; the row stays locked until the transaction ends. */
  async lock(tx: EntityManager, productId: string): Promise<StockRow | null> {
    const [row] = await sql<RowColumns>(
      tx,
      `SELECT product_id, quantity, reserved_quantity, low_stock, version, updated_at
       FROM inventory
       WHERE product_id = $1
       FOR UPDATE`,
      [productId],
    );
    return row ? toRow(row) : null;
  }

  /** By inventory_pkey, in the order of the ids as everyone locks them, until the transaction ends. */
  async lockAll(tx: EntityManager, productIds: readonly string[]): Promise<StockLevel[]> {
    const rows = await sql<LevelColumns>(
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

  /** `setQuantity` of many rows that are locked. */
  async setQuantities(
    tx: EntityManager,
    rows: readonly Pick<StockLevel, 'productId' | 'quantity' | 'lowStock'>[],
  ): Promise<void> {
    await sql(
      tx,
      `UPDATE inventory
       SET quantity = level.quantity, low_stock = level.low_stock, version = version + 1, updated_at = shop_now()
       FROM unnest($1::uuid[], $2::int[], $3::boolean[]) AS level(product_id, quantity, low_stock)
       WHERE inventory.product_id = level.product_id`,
      [rows.map((row) => row.productId), rows.map((row) => row.quantity), rows.map((row) => row.lowStock)],
    );
  }

  /** What is on hand becomes `quantity`; inventory_never_oversold_check refuses less than is reserved. */
  async setQuantity(tx: EntityManager, productId: string, quantity: number): Promise<StockRow | null> {
    const [row] = await sql<RowColumns>(
      tx,
      `UPDATE inventory
       SET quantity = $2, version = version + 1, updated_at = shop_now()
       WHERE product_id = $1
       RETURNING product_id, quantity, reserved_quantity, low_stock, version, updated_at`,
      [productId, quantity],
    );
    return row ? toRow(row) : null;
  }

  /** The same of both counters at once. */
  async setCounters(
    tx: EntityManager,
    productId: string,
    quantity: number,
    reservedQuantity: number,
  ): Promise<StockLevel | null> {
    const [row] = await sql<LevelColumns>(
      tx,
      `UPDATE inventory
       SET quantity = $2, reserved_quantity = $3, version = version + 1, updated_at = shop_now()
       WHERE product_id = $1
       RETURNING product_id, quantity, reserved_quantity, low_stock`,
      [productId, quantity, reservedQuantity],
    );
    return row ? toLevel(row) : null;
  }

  /** What the counters count: the ledger, by stock_movements_product_id_idx, and what is live, by reservations_live_idx. */
  async recount(tx: EntityManager, productId: string): Promise<{ ledger: number; reserved: number }> {
    const [row] = await sql<{ ledger: number; reserved: number }>(
      tx,
      `SELECT
         (SELECT coalesce(sum(delta), 0)::int FROM stock_movements WHERE product_id = $1) AS ledger,
         (SELECT coalesce(sum(quantity), 0)::int FROM reservations
          WHERE product_id = $1 AND status IN ('held', 'claimed')) AS reserved`,
      [productId],
    );
    if (!row) throw new Error('the sums gave no row');
    return row;
  }

  /** Remembers whether low stock was told of. No change that staff could see, so the version stays. */
  async setLowStock(tx: EntityManager, productIds: readonly string[], lowStock: boolean): Promise<void> {
    await sql(tx, `UPDATE inventory SET low_stock = $2 WHERE product_id = ANY($1::uuid[])`, [productIds, lowStock]);
  }

  async insert(
    tx: EntityManager,
    warehouseId: string,
    rows: readonly Pick<StockLevel, 'productId' | 'quantity' | 'lowStock'>[],
  ): Promise<void> {
    await sql(
      tx,
      `INSERT INTO inventory (product_id, warehouse_id, quantity, low_stock)
       SELECT product_id, $1, quantity, low_stock
       FROM unnest($2::uuid[], $3::int[], $4::boolean[]) AS level(product_id, quantity, low_stock)`,
      [warehouseId, rows.map((row) => row.productId), rows.map((row) => row.quantity), rows.map((row) => row.lowStock)],
    );
  }

  /** The ledger: every change of what is on hand, so that their sum is the quantity. */
  async record(tx: EntityManager, warehouseId: string, movements: readonly StockMovement[]): Promise<void> {
    if (movements.length === 0) return;
    await sql(
      tx,
      `INSERT INTO stock_movements (product_id, warehouse_id, delta, cause, order_id, actor_id, reason)
       SELECT product_id, $1, delta, cause, order_id, actor_id, reason
       FROM unnest($2::uuid[], $3::int[], $4::text[], $5::uuid[], $6::uuid[], $7::text[])
         AS movement(product_id, delta, cause, order_id, actor_id, reason)`,
      [
        warehouseId,
        movements.map((movement) => movement.productId),
        movements.map((movement) => movement.delta),
        movements.map((movement) => movement.cause),
        movements.map((movement) => movement.orderId),
        movements.map((movement) => movement.actorId),
        movements.map((movement) => movement.reason),
      ],
    );
  }
}
