import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditService } from '../audit/audit.service';
import { inTransaction } from '../database/sql';
import { InventoryService } from '../inventory/inventory.service';
import { BackgroundWork } from '../messaging/background-work';
import { Outbox } from '../messaging/outbox/outbox.service';
import { BulkEditingService } from '../products/bulk-editing.service';
import { BatchService, isRefusal, noneStored, type BatchOutcome } from './batch.service';
import type { FileRow, ImportJobRecord } from './import.types';
import { ImportsRepository } from './imports.repository';

const EVERY_MS = 1_000;

/**
 * Does the rows of imports in the background. One transaction takes a job by its row's lock, does its next rows, and
 * writes down how far it came: whoever is killed leaves no trace of what it had begun, and another worker, on whatever
 * server, goes on from there.
 */
@Injectable()
export class ImportWorker {
  private readonly logger = new Logger('Import');
  readonly work = new BackgroundWork({ name: 'product-imports', everyMs: EVERY_MS, run: () => this.run() });

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ImportsRepository,
    private readonly batches: BatchService,
    private readonly bulk: BulkEditingService,
    private readonly inventory: InventoryService,
    private readonly audit: AuditService,
    private readonly outbox: Outbox,
  ) {}

  /** One step; while there is more, the next follows at once, unless the server is about to stop. */
  async run(): Promise<void> {
    const touched = await this.step(false).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      return this.step(true);
    });
    if (touched === null) return;
    this.work.wake();
    if (touched.length > 0) await this.inventory.forgetAvailability(touched);
  }

  /** The products that changed; null when there is nothing to do. A worker killed after the commit leaves no old page. */
  private async step(oneByOne: boolean): Promise<string[] | null> {
    const changes: (() => Promise<void>)[] = [];
    try {
      return await this.stepWithin(oneByOne, changes);
    } finally {
      await Promise.all(changes.map((end) => end()));
    }
  }

  private async stepWithin(oneByOne: boolean, changes: (() => Promise<void>)[]): Promise<string[] | null> {
    return inTransaction(this.products, async (tx) => {
      const job = await this.repository.take(tx);
      if (!job) return null;
      const rows = await this.repository.takeChunk(tx, job.id);
      if (!rows) {
        await this.finish(tx, job);
        return [];
      }
      const touched = await (oneByOne
        ? this.doOneByOne(tx, job, rows)
        : this.keep(tx, job, await this.apply(tx, job, rows, false)));
      if (touched.length > 0) changes.push(await this.bulk.beginChange(touched));
      return touched;
    });
  }

  /** Rows that PostgreSQL refuses also in this way are named and left out: those behind them must not wait for ever. */
  private async doOneByOne(tx: EntityManager, job: ImportJobRecord, rows: readonly FileRow[]): Promise<string[]> {
    const undo = await this.outbox.savepoint(tx, 'chunk');
    try {
      return await this.keep(tx, job, await this.apply(tx, job, rows, true));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.logger.warn(`import ${job.id}: ${rows.length} rows are left out: ${String(error)}`);
      await undo();
      return this.keep(tx, job, noneStored(rows));
    }
  }

  private async keep(tx: EntityManager, job: ImportJobRecord, outcome: BatchOutcome): Promise<string[]> {
    const { touched, failures, ...outcomes } = outcome;
    await this.repository.addErrors(tx, job.id, failures);
    await this.repository.advance(tx, job.id, { ...outcomes, failed: failures.length });
    return touched;
  }

  /** A dry run does everything and takes it back: what it finds is what would happen. */
  private async apply(
    tx: EntityManager,
    job: ImportJobRecord,
    rows: readonly FileRow[],
    oneByOne: boolean,
  ): Promise<BatchOutcome> {
    const undo = job.dryRun ? await this.outbox.savepoint(tx, 'dry_run') : null;
    const outcome = await (oneByOne ? this.batches.applyOneByOne(tx, job, rows) : this.batches.apply(tx, job, rows));
    if (!undo) return outcome;
    await undo();
    return { ...outcome, touched: [] };
  }

  private async finish(tx: EntityManager, job: ImportJobRecord): Promise<void> {
    await this.repository.finish(tx, job.id);
    const { created, updated, unchanged, failed, createdBy, requestId } = job;
    await this.audit.record(
      tx,
      createdBy,
      [
        {
          action: 'import.done',
          subjectType: 'import',
          subjectId: job.id,
          before: null,
          after: { created, updated, unchanged, failed },
        },
      ],
      requestId,
    );
  }
}
