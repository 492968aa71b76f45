import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { isPostgresError, sql } from '../database/sql';
import { StockImportService } from '../inventory/stock-import.service';
import { Outbox } from '../messaging/outbox/outbox.service';
import { BulkEditingService, type BulkProduct, type EditedProduct } from '../products/bulk-editing.service';
import { CategoryEditingService } from '../products/category-editing.service';
import { CategoryPlaces } from './category-places.record';
import { isFailure, type FileRow, type ImportJobRecord, type ProductRow, type RowFailure } from './import.types';
import { readRow } from './product-row.mapper';

/** What became of some rows; `touched` are the products that changed. */
export interface BatchOutcome {
  created: number;
  updated: number;
  unchanged: number;
  failures: RowFailure[];
  touched: string[];
}

type StockLevels = Awaited<ReturnType<StockImportService['lock']>>;

/** A row that will be done: `before` is its product as it is, null for a new one. */
interface Planned {
  row: ProductRow;
  before: EditedProduct | null;
}

const nothing = (): BatchOutcome => ({ created: 0, updated: 0, unchanged: 0, failures: [], touched: [] });

function add(to: BatchOutcome, more: BatchOutcome): void {
  to.created += more.created;
  to.updated += more.updated;
  to.unchanged += more.unchanged;
  to.failures.push(...more.failures);
  to.touched.push(...more.touched);
}

/** Rows in their order, so that none of a round has the SKU of another: each is of a product as the last one left it. */
function roundsOf(rows: readonly ProductRow[]): ProductRow[][] {
  const rounds: ProductRow[][] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const round = seen.get(row.sku) ?? 0;
    seen.set(row.sku, round + 1);
    (rounds[round] ??= []).push(row);
  }
  return rounds;
}

const NOT_STORED = 'the row could not be stored';

/** None of them was done. What their cells say is left out: it may be what was refused. */
export const noneStored = (rows: readonly FileRow[]): BatchOutcome => ({
  ...nothing(),
  failures: rows.map(([line]) => ({ line, sku: null, field: null, message: NOT_STORED })),
});

/** PostgreSQL refused what a row holds: neither is it busy nor gone. */
export function isRefusal(error: unknown): boolean {
  return isPostgresError(error) && /^2[23]/.test(error.code);
}

const failed = ({ line, sku }: ProductRow, field: string | null, message: string): RowFailure => ({
  line,
  sku,
  field,
  message,
});

/**
 * Does some rows of a file within the worker's transaction: reads and locks what they are of, decides of each, then
 * writes all that are good in a few statements. A row is done wholly or named with what is wrong.
 */
@Injectable()
export class BatchService {
  constructor(
    private readonly bulk: BulkEditingService,
    private readonly stock: StockImportService,
    private readonly categories: CategoryEditingService,
    private readonly outbox: Outbox,
  ) {}

  async apply(tx: EntityManager, job: ImportJobRecord, rows: readonly FileRow[]): Promise<BatchOutcome> {
    const outcome = nothing();
    const good: ProductRow[] = [];
    for (const row of rows) {
      const read = readRow(job.columns, row);
      if (isFailure(read)) outcome.failures.push(read);
      else good.push(read);
    }
    for (const round of roundsOf(good)) add(outcome, await this.applyRound(tx, job, round));
    return outcome;
  }

  /** The same one by one, after PostgreSQL refused them all for the sake of one. */
  async applyOneByOne(tx: EntityManager, job: ImportJobRecord, rows: readonly FileRow[]): Promise<BatchOutcome> {
    const outcome = nothing();
    for (const row of rows) {
      const undo = await this.outbox.savepoint(tx, 'one_row');
      try {
        add(outcome, await this.apply(tx, job, [row]));
        await sql(tx, 'RELEASE SAVEPOINT one_row');
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await undo();
        const read = readRow(job.columns, row);
        outcome.failures.push({ line: row[0], sku: read.sku, field: null, message: NOT_STORED });
      }
    }
    return outcome;
  }

  private async applyRound(tx: EntityManager, job: ImportJobRecord, rows: ProductRow[]): Promise<BatchOutcome> {
    const outcome = nothing();
    const bySku = await this.bulk.lockBySku(
      tx,
      rows.map((row) => row.sku),
    );
    const counted = rows.filter((row) => row.quantity !== undefined).flatMap((row) => bySku.get(row.sku)?.id ?? []);
    const levels = await this.stock.lock(tx, counted);
    const withImages = await this.bulk.withImages(
      tx,
      [...bySku.values()].map((product) => product.id),
    );
    const planned = rows.flatMap((row): Planned[] => {
      const before = bySku.get(row.sku) ?? null;
      const failure = this.faultOf(row, before, levels, withImages);
      if (failure) outcome.failures.push(failure);
      return failure ? [] : [{ row, before }];
    });
    const places = await this.place(tx, job, planned, outcome);
    await this.write(tx, job, places, levels, outcome);
    return outcome;
  }

  private faultOf(
    row: ProductRow,
    before: EditedProduct | null,
    levels: StockLevels,
    withImages: ReadonlySet<string>,
  ): RowFailure | null {
    if (before === null) {
      const missing = (['name', 'price', 'category'] as const).find((column) => row[column] === undefined);
      return missing ? failed(row, missing, 'must not be empty for a new product') : null;
    }
    if (before.deletedAt) return failed(row, 'sku', 'is of a product that was taken off sale: restore it first');
    if (row.imageUrl !== undefined && row.imageUrl !== before.imageUrl && withImages.has(before.id)) {
      return failed(row, 'image_url', 'cannot be set: the product has images, the first of them is its image');
    }
    if (row.quantity === undefined) return null;
    const level = levels.get(before.id);
    if (!level) return failed(row, 'quantity', 'cannot be set: the product has no stock row');
    if (row.quantity >= level.reservedQuantity) return null;
    return failed(row, 'quantity', `must not be below the ${level.reservedQuantity} that are set aside for customers`);
  }

  /** Finds the category of each row, and makes those that are missing when the job says so. */
  private async place(
    tx: EntityManager,
    job: ImportJobRecord,
    planned: readonly Planned[],
    outcome: BatchOutcome,
  ): Promise<{ planned: Planned; categoryId: string }[]> {
    let places = new CategoryPlaces(await this.categories.allWithin(tx));
    const isMissing = ({ row }: Planned) => row.category !== undefined && 'missing' in places.find(row.category);
    if (job.createCategories && planned.some(isMissing)) {
      places = new CategoryPlaces(await this.categories.lockTree(tx));
    }
    const placed: { planned: Planned; categoryId: string }[] = [];
    for (const plan of planned) {
      const { row, before } = plan;
      if (row.category === undefined) {
        if (before) placed.push({ planned: plan, categoryId: before.category.id });
        continue;
      }
      const place = places.find(row.category);
      if ('id' in place) {
        placed.push({ planned: plan, categoryId: place.id });
      } else if ('ambiguous' in place) {
        outcome.failures.push(failed(row, 'category', `"${place.ambiguous}" is the name of several: use the slug`));
      } else if (!job.createCategories) {
        outcome.failures.push(failed(row, 'category', 'is not there, and categories are not to be made'));
      } else {
        let { parentId } = place;
        for (const name of place.missing) {
          const made = await this.categories.insert(tx, { name, parentId, slug: null }, job.createdBy, job.requestId);
          places.add(made);
          parentId = made.id;
        }
        if (parentId !== null) placed.push({ planned: plan, categoryId: parentId });
      }
    }
    return placed;
  }

  private async write(
    tx: EntityManager,
    job: ImportJobRecord,
    placed: readonly { planned: Planned; categoryId: string }[],
    levels: StockLevels,
    outcome: BatchOutcome,
  ): Promise<void> {
    const by = { actorId: job.createdBy, requestId: job.requestId };
    const fresh: { product: BulkProduct; quantity: number }[] = [];
    const changes: { before: EditedProduct; after: BulkProduct }[] = [];
    const counted: { productId: string; quantity: number }[] = [];
    for (const { planned, categoryId } of placed) {
      const { row, before } = planned;
      const after: BulkProduct = {
        id: before?.id ?? uuidv7(),
        sku: row.sku,
        name: row.name ?? before?.name ?? '',
        description: row.description ?? before?.description ?? '',
        price: row.price ?? before?.price ?? 0,
        categoryId,
        imageUrl: row.imageUrl ?? before?.imageUrl ?? null,
        attributes: { ...before?.attributes, ...row.attributes },
      };
      if (before === null) {
        fresh.push({ product: after, quantity: row.quantity ?? 0 });
        continue;
      }
      const differs = this.bulk.differs(before, after);
      const level = levels.get(before.id);
      const restocks = row.quantity !== undefined && level !== undefined && row.quantity !== level.quantity;
      if (differs) changes.push({ before, after });
      if (restocks) counted.push({ productId: before.id, quantity: row.quantity ?? 0 });
      if (differs || restocks) outcome.touched.push(before.id);
      outcome[differs || restocks ? 'updated' : 'unchanged'] += 1;
    }
    await this.bulk.createAll(
      tx,
      fresh.map(({ product }) => product),
      by,
    );
    await this.stock.openAll(
      tx,
      fresh.map(({ product, quantity }) => ({ productId: product.id, quantity })),
      by,
    );
    await this.bulk.updateAll(tx, changes, by);
    await this.stock.setAll(tx, levels, counted, by);
    outcome.created += fresh.length;
    outcome.touched.push(...fresh.map(({ product }) => product.id));
  }
}
