import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { NewEvent } from '../events/envelope';
import { Outbox } from '../messaging/outbox/outbox.service';
import { Settings } from '../settings/settings';
import { InventoryRepository } from './inventory.repository';
import type { StockChange, StockLevel } from './stock.types';

export type { StockChange, StockLevel } from './stock.types';

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
    const available = row.quantity - row.reservedQuantity;
    const isLow = this.isLow(available);
    const events: NewEvent[] = [updated(row, cause, orderId)];
    if (isLow && !row.lowStock) {
      events.push({
        type: 'inventory.low_stock',
        subject: row.productId,
        orderId,
        data: { available, threshold: this.settings.lowStockThreshold },
      });
    }
    if (isLow !== row.lowStock) await this.inventory.setLowStock(tx, [row.productId], isLow);
    await this.outbox.add(tx, ...events);
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
    await this.outbox.add(tx, ...events);
  }

  /** Tells of the first stock of new products; their rows know already whether it is low. */
  async opened(tx: EntityManager, rows: readonly StockLevel[]): Promise<void> {
    await this.outbox.add(tx, ...rows.map((row) => updated(row, 'import', null)));
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
