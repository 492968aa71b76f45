import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditService } from '../audit/audit.service';
import { BatchedLoad } from '../cache/batched-load';
import { entryOf, type Entry } from '../cache/cache-entry';
import { Cache } from '../cache/cache.service';
import { CACHE } from '../cache/keys';
import { inTransaction, type Executor } from '../database/sql';
import type { MatchedVersions } from '../http/if-match.header';
import { DEFAULT_WAREHOUSE_ID } from './inventory.constants';
import {
  belowReserved,
  overPromised,
  preconditionRequired,
  quantityChanged,
  rowChanged,
  unknownProduct,
} from './inventory.errors';
import { InventoryRepository } from './inventory.repository';
import { StockService } from './stock.service';
import type { Counters, StockCorrection, StockLevel, StockRow } from './stock.types';

export { DEFAULT_WAREHOUSE_ID } from './inventory.constants';
export type { StockCorrection } from './stock.types';

/** What customers are told of a product's stock. */
export interface Availability {
  available: number;
  lowStock: boolean;
}

/** What staff are told. */
export interface StockView extends Availability {
  productId: string;
  quantity: number;
  reservedQuantity: number;
  version: number;
  updatedAt: Date;
}

/** What the editor saw before: either is enough, both must hold. `versions` null means any (`If-Match: *`). */
export interface Expectation {
  quantity?: number;
  match?: MatchedVersions;
}

/** A product whose stock row is missing cannot be bought. */
const NO_STOCK = entryOf(JSON.stringify({ available: 0, lowStock: true } satisfies Availability));

/** What is on hand and what of that can be bought. */
@Injectable()
export class InventoryService {
  /** Of a page of products whose stock is not cached: one statement. */
  private readonly texts = new BatchedLoad<string>((ids) => this.readTexts(ids));

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly inventory: InventoryRepository,
    private readonly stock: StockService,
    private readonly cache: Cache,
    private readonly audit: AuditService,
  ) {}

  /**
   * `Availability` of each as JSON text, in their order, from the cache: up to five minutes old, but forgotten with every
   * change. `stored`, if it was asked for already, is what lay under the keys.
   */
  async stockTexts(productIds: readonly string[], stored?: readonly (string | null)[] | null): Promise<Entry[]> {
    if (productIds.length === 0) return [];
    const keys = productIds.map((id) => CACHE.inventory.key(id));
    const found = stored === undefined ? await this.cache.lookUp(keys) : stored;
    const stocks: Entry[] = productIds.map(() => NO_STOCK);
    const missing: Promise<void>[] = [];
    productIds.forEach((id, i) => {
      const load = () => this.texts.load(id);
      const filling = { ttl: CACHE.inventory.ttl, load };
      const entry = this.cache.through(CACHE.inventory.key(id), found?.[i] ?? null, filling);
      if (entry instanceof Promise) missing.push(entry.then((read) => void (stocks[i] = read ?? NO_STOCK)));
      else if (entry) stocks[i] = entry;
    });
    if (missing.length > 0) await Promise.all(missing);
    return stocks;
  }

  /**
   * The same for what may never be asked for again: what is not cached is read by one statement, and left uncached. For a
   * page of products to fill twenty entries costs more than to read them.
   */
  async stockTextsOnce(productIds: readonly string[]): Promise<Entry[]> {
    if (productIds.length === 0) return [];
    const keys = productIds.map((id) => CACHE.inventory.key(id));
    const found = await this.cache.lookUp(keys);
    const cached = keys.map((key, i) => this.cache.stored(key, found?.[i] ?? null));
    const read = await this.readTexts(productIds.filter((_, i) => !cached[i]));
    return productIds.map((id, i) => {
      const text = read.get(id);
      return cached[i] ?? (text === undefined ? NO_STOCK : entryOf(text));
    });
  }

  private async readTexts(productIds: readonly string[]): Promise<Map<string, string>> {
    const levels = await this.levels(productIds);
    return new Map(levels.map((level) => [level.productId, JSON.stringify(this.availabilityOf(level))]));
  }

  /** The counters as PostgreSQL has them. */
  async levels(productIds: readonly string[], executor: Executor = this.products): Promise<StockLevel[]> {
    return productIds.length === 0 ? [] : this.inventory.levels(executor, productIds);
  }

  /** After the commit of any change of stock or holds. */
  async forgetAvailability(productIds: readonly string[]): Promise<void> {
    await this.cache.forget(...this.changedBy(productIds));
  }

  /** The same, for who is told again later: throws while Redis is away, since what it kept comes back with it. */
  async mustForgetAvailability(productIds: readonly string[]): Promise<void> {
    await this.cache.mustForget(...this.changedBy(productIds));
  }

  /** Of what holds stock; with it ends the generation by which pages know that none of theirs changed. */
  private changedBy(productIds: readonly string[]): string[] {
    if (productIds.length === 0) return [];
    return [CACHE.stockGeneration.key(), ...productIds.map((id) => CACHE.inventory.key(id))];
  }

  async get(productId: string): Promise<StockView> {
    const row = await this.inventory.find(this.products, productId);
    if (!row) throw unknownProduct();
    return this.viewOf(row);
  }

  /** Staff counted what is on hand. Refused when it is no longer what they saw before. */
  async adjust(
    productId: string,
    change: { quantity: number; reason: string | null; actorId: string },
    expected: Expectation,
  ): Promise<StockView> {
    if (expected.quantity === undefined && !expected.match) throw preconditionRequired();
    const row = await inTransaction(this.products, async (tx) => {
      const before = await this.inventory.lock(tx, productId);
      if (!before) throw unknownProduct();
      this.checkExpectation(before, expected);
      if (change.quantity < before.reservedQuantity) throw belowReserved(before.reservedQuantity);
      const delta = change.quantity - before.quantity;
      if (delta === 0) return before;
      const after = await this.inventory.setQuantity(tx, productId, change.quantity);
      if (!after) throw unknownProduct();
      const { reason, actorId } = change;
      await this.inventory.record(tx, DEFAULT_WAREHOUSE_ID, [
        { productId, delta, cause: 'admin', orderId: null, actorId, reason },
      ]);
      await this.stock.changed(tx, after, 'admin', null);
      await this.audit.record(tx, actorId, [
        {
          action: 'inventory.adjusted',
          subjectType: 'inventory',
          subjectId: productId,
          before: { quantity: before.quantity },
          after: { quantity: change.quantity, reason },
        },
      ]);
      return after;
    });
    await this.forgetAvailability([productId]);
    return this.viewOf(row);
  }

  /** Gives a new product its stock row with nothing on hand, in the transaction that makes the product. */
  async open(tx: EntityManager, productId: string): Promise<void> {
    await this.openAll(tx, [{ productId, quantity: 0 }]);
  }

  /** `open` for many imported at once, with stock. A product born with low stock did not fall: nobody is told. */
  async openAll(tx: EntityManager, rows: readonly { productId: string; quantity: number }[]): Promise<void> {
    const levels = rows.map((row) => ({ ...row, reservedQuantity: 0, lowStock: this.stock.isLow(row.quantity) }));
    await this.inventory.insert(tx, DEFAULT_WAREHOUSE_ID, levels);
    const filled = levels.filter((level) => level.quantity > 0);
    await this.inventory.record(
      tx,
      DEFAULT_WAREHOUSE_ID,
      filled.map(({ productId, quantity }) => ({
        productId,
        delta: quantity,
        cause: 'import' as const,
        orderId: null,
        actorId: null,
        reason: null,
      })),
    );
    await this.stock.opened(tx, filled);
  }

  /**
   * Makes a product's counters agree again with what they count, for the consistency check's repair. What is reserved
   * is the sum of the live reservations. Of quantity and ledger either may be wrong, and no machine knows which; the
   * ledger is append-only and says why, so it is believed, unless customers were promised more than it has: then a
   * `correction` makes it say what the quantity is. If that is not enough either, stock was promised that nobody has:
   * 409 `inventory.over_promised`, a case for people. Null when nothing had to change.
   */
  async correctCounters(productId: string): Promise<StockCorrection | null> {
    const correction = await inTransaction(this.products, async (tx) => {
      const row = await this.inventory.lock(tx, productId);
      if (!row) throw unknownProduct();
      const { ledger, reserved } = await this.inventory.recount(tx, productId);
      const before: Counters = { quantity: row.quantity, reservedQuantity: row.reservedQuantity, ledger };
      const quantity = reserved <= ledger ? ledger : row.quantity;
      if (reserved > quantity) throw overPromised({ ...before, reserved });
      const after: Counters = { quantity, reservedQuantity: reserved, ledger: quantity };
      if (quantity === row.quantity && quantity === ledger && reserved === row.reservedQuantity) return null;
      if (quantity !== ledger) {
        const reason = `the ledger had ${ledger}, the stock row ${row.quantity}, reserved were ${reserved}`;
        await this.inventory.record(tx, DEFAULT_WAREHOUSE_ID, [
          { productId, delta: quantity - ledger, cause: 'correction', orderId: null, actorId: null, reason },
        ]);
      }
      const level = await this.inventory.setCounters(tx, productId, quantity, reserved);
      if (!level) throw unknownProduct();
      await this.stock.changed(tx, level, 'correction', null);
      return { productId, before, after };
    });
    if (correction) await this.forgetAvailability([productId]);
    return correction;
  }

  private checkExpectation(row: StockRow, expected: Expectation): void {
    const versions = expected.match?.versions;
    if (versions && !versions.includes(String(row.version))) throw rowChanged();
    if (expected.quantity !== undefined && expected.quantity !== row.quantity) {
      throw quantityChanged(expected.quantity, row.quantity);
    }
  }

  private availabilityOf(level: StockLevel): Availability {
    const available = level.quantity - level.reservedQuantity;
    return { available, lowStock: this.stock.isLow(available) };
  }

  private viewOf(row: StockRow): StockView {
    const { productId, quantity, reservedQuantity, version, updatedAt } = row;
    return { productId, quantity, reservedQuantity, ...this.availabilityOf(row), version, updatedAt };
  }
}
