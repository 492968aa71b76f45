import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditService, type AuditEntry } from '../audit/audit.service';
import { DEFAULT_WAREHOUSE_ID } from './inventory.constants';
import { InventoryRepository } from './inventory.repository';
import { InventoryService } from './inventory.service';
import { StockService } from './stock.service';
import type { StockLevel } from './stock.types';

export interface CountedStock {
  productId: string;
  quantity: number;
}

/** Who imports; the request is that of the upload. */
export interface ImportedBy {
  actorId: string;
  requestId: string | null;
}

function toldOf(productId: string, before: number | null, quantity: number): AuditEntry {
  return {
    action: 'inventory.imported',
    subjectType: 'inventory',
    subjectId: productId,
    before: before === null ? null : { quantity: before },
    after: { quantity },
  };
}

/** Stock that comes with a file of products: the verbs of `inventory.service.ts`, for many rows in a few statements. */
@Injectable()
export class StockImportService {
  constructor(
    private readonly repository: InventoryRepository,
    private readonly inventory: InventoryService,
    private readonly stock: StockService,
    private readonly audit: AuditService,
  ) {}

  /** The counters of these products, which stay as they are until the transaction ends. */
  async lock(tx: EntityManager, productIds: readonly string[]): Promise<Map<string, StockLevel>> {
    const levels = productIds.length === 0 ? [] : await this.repository.lockAll(tx, productIds);
    return new Map(levels.map((level) => [level.productId, level]));
  }

  /** Sets what is on hand of products locked by `lock`; the caller has seen that none gets less than is reserved. */
  async setAll(
    tx: EntityManager,
    before: ReadonlyMap<string, StockLevel>,
    counted: readonly CountedStock[],
    by: ImportedBy,
  ): Promise<void> {
    const changes = counted.flatMap(({ productId, quantity }) => {
      const level = before.get(productId);
      return level && level.quantity !== quantity ? [{ level, quantity }] : [];
    });
    if (changes.length === 0) return;
    await this.repository.setQuantities(
      tx,
      changes.map(({ level, quantity }) => ({
        productId: level.productId,
        quantity,
        lowStock: this.stock.isLow(quantity - level.reservedQuantity),
      })),
    );
    await this.repository.record(
      tx,
      DEFAULT_WAREHOUSE_ID,
      changes.map(({ level, quantity }) => ({
        productId: level.productId,
        delta: quantity - level.quantity,
        cause: 'import' as const,
        orderId: null,
        actorId: by.actorId,
        reason: null,
      })),
    );
    await this.stock.changedAll(
      tx,
      changes.map(({ level, quantity }) => ({ ...level, quantity })),
      'import',
    );
    await this.audit.record(
      tx,
      by.actorId,
      changes.map(({ level, quantity }) => toldOf(level.productId, level.quantity, quantity)),
      by.requestId,
    );
  }

  /** Stock rows of new products. */
  async openAll(tx: EntityManager, rows: readonly CountedStock[], by: ImportedBy): Promise<void> {
    if (rows.length === 0) return;
    await this.inventory.openAll(tx, rows);
    await this.audit.record(
      tx,
      by.actorId,
      rows.filter(({ quantity }) => quantity > 0).map(({ productId, quantity }) => toldOf(productId, null, quantity)),
      by.requestId,
    );
  }
}
