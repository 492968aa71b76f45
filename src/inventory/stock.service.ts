import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { EventCause, NewEvent } from '../events/envelope';
import { Outbox } from '../messaging/outbox/outbox.service';
import { Settings } from '../settings/settings';
import { InventoryRepository } from './inventory.repository';
import type { StockChange, StockLevel } from './stock.types';

export type { StockChange, StockLevel } from './stock.types';

/** What stock is told of: the row after the last change, and whose change that was. */
interface Told {
  row: StockLevel;
  orderId: string | null;
  because?: EventCause;
}

interface OrderedChange {
  cause: StockChange;
  /** Of one unit: -1, 0 or 1 for each counter. */
  change: { quantity: number; reservedQuantity: number };
  movements: readonly { orderId: string; productId: string; quantity: number; because?: EventCause }[];
}

function updated(row: StockLevel, cause: StockChange, orderId: string | null): NewEvent {
  const { quantity, reservedQuantity } = row;
  return {
    type: 'inventory.updated',
    subject: row.productId,
    orderId,
    data: { quantity, reservedQuantity, available: quantity - reservedQuantity, cause },
  };
}

/**
 * What follows from a changed stock row, in the transaction that changed and locked it. Low stock is told of once per
 * fall: the row remembers that it was, until enough is available again.
 */
@Injectable()
export class StockService {
  constructor(
    private readonly inventory: InventoryRepository,
    private readonly outbox: Outbox,
    private readonly settings: Settings,
  ) {}

  isLow(available: number): boolean {
    return available < this.settings.lowStockThreshold;
  }

  /** Tells of a change of what is on hand; `row` holds the counters after it. */
  async changed(tx: EntityManager, row: StockLevel, cause: StockChange, orderId: string | null): Promise<void> {
    this.outbox.add(tx, updated(row, cause, orderId));
    await this.tellOfFalls(tx, [{ row, orderId }]);
  }

  /**
   * The same of many orders' lines: `rows` hold the counters after the last line, `change` is what one unit of a line
   * did to them, so that each line's event says what was left after it.
   */
  async changedByOrders(
    tx: EntityManager,
    rows: readonly StockLevel[],
    { cause, change, movements }: OrderedChange,
  ): Promise<void> {
    const after = new Map(rows.map((row) => [row.productId, row]));
    const events: NewEvent[] = [];
    const last = new Map<string, Told>();
    // Backwards from what is left: the line before saw what this one had not yet changed.
    for (const { orderId, productId, quantity, because } of [...movements].reverse()) {
      const row = after.get(productId);
      if (!row) continue;
      events.unshift({ ...updated(row, cause, orderId), cause: because });
      if (!last.has(productId)) last.set(productId, { row, orderId, because });
      after.set(productId, {
        ...row,
        quantity: row.quantity - change.quantity * quantity,
        reservedQuantity: row.reservedQuantity - change.reservedQuantity * quantity,
      });
    }
    this.outbox.add(tx, ...events);
    await this.tellOfFalls(tx, [...last.values()]);
  }

  private async tellOfFalls(tx: EntityManager, told: readonly Told[]): Promise<void> {
    const threshold = this.settings.lowStockThreshold;
    for (const { row, orderId, because } of told) {
      const available = row.quantity - row.reservedQuantity;
      const isLow = this.isLow(available);
      if (isLow === row.lowStock) continue;
      await this.inventory.setLowStock(tx, [row.productId], isLow);
      if (!isLow) continue;
      const data = { available, threshold };
      this.outbox.add(tx, { type: 'inventory.low_stock', subject: row.productId, orderId, data, cause: because });
    }
  }

  /**
   * `changed` for many rows at once: counters as they are now, `lowStock` as it was before. Whoever sets the counters
   * remembers the new `lowStock` in the same statement.
   */
  async changedAll(tx: EntityManager, rows: readonly StockLevel[], cause: StockChange): Promise<void> {
    const events = rows.flatMap((row): NewEvent[] => {
      const available = row.quantity - row.reservedQuantity;
      const told = updated(row, cause, null);
      if (!this.isLow(available) || row.lowStock) return [told];
      const data = { available, threshold: this.settings.lowStockThreshold };
      return [told, { type: 'inventory.low_stock', subject: row.productId, orderId: null, data }];
    });
    this.outbox.add(tx, ...events);
  }

  /** Tells of the first stock of new products; their rows know already whether it is low. */
  async opened(tx: EntityManager, rows: readonly StockLevel[]): Promise<void> {
    this.outbox.add(tx, ...rows.map((row) => updated(row, 'import', null)));
  }

  /**
   * After holds were given back: what is plentiful again may fall again. A hold never tells of low stock by itself (it
   * may run out a minute later), so that only what is on hand ends a good state, and either ends a bad one.
   */
  async recovered(tx: EntityManager, rows: readonly StockLevel[]): Promise<void> {
    const plentiful = rows.filter((row) => row.lowStock && !this.isLow(row.quantity - row.reservedQuantity));
    if (plentiful.length === 0) return;
    await this.inventory.setLowStock(
      tx,
      plentiful.map((row) => row.productId),
      false,
    );
  }
}
