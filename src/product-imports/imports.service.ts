import { createHash, type Hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService } from '../audit/audit.service';
import { decodeCursor, positionOf, toCursorPage, toPositionPage, type CursorPage } from '../common/pagination';
import { currentTrace } from '../common/trace-context';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { Settings } from '../settings/settings';
import { readRows } from './csv.reader';
import type { FileRow, ImportJobRecord, ImportOptions, RowFailure } from './import.types';
import { fileTooLarge, importNotFound, wrongColumns } from './imports.errors';
import { ImportsRepository } from './imports.repository';
import { readHeader } from './product-row.mapper';

/** What one transaction of the worker does: long enough to be quick, short enough to let others at the rows. */
const ROWS_OF_A_CHUNK = 500;
const ERRORS_AT_ONCE = 500;
const ABANDONED_AFTER_HOURS = 1;
const KEPT_DAYS = 90;

/** Everything that leads to the same answer. */
async function* counted(source: AsyncIterable<Buffer>, most: number, hash: Hash): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > most) throw fileTooLarge(most);
    hash.update(piece);
    yield piece;
  }
}

/**
 * Takes files of products in. While a file is read its rows go to PostgreSQL, some hundred at a time: no server holds the
 * file, and any of them can do the work. Only a whole one is queued.
 */
@Injectable()
export class ImportsService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ImportsRepository,
    private readonly idempotency: Idempotency,
    private readonly audit: AuditService,
    private readonly settings: Settings,
  ) {}

  async receive(
    source: AsyncIterable<Buffer>,
    options: ImportOptions,
    actorId: string,
    request: IdempotentRequest | null,
  ): Promise<Outcome<ImportJobRecord>> {
    const id = uuidv7();
    const hash = createHash('sha256').update(JSON.stringify([options.dryRun, options.createCategories]));
    try {
      const received = await this.stage(id, counted(source, this.settings.importMaxBytes, hash), options, actorId);
      const requestHash = hash.digest('hex');
      const outcome = await inTransaction(this.products, (tx) =>
        this.idempotency.once(tx, request && { ...request, requestHash }, async () => {
          const job = await this.repository.queue(tx, id, received);
          const after = { ...options, columns: job.columns, rows: received };
          await this.audit.record(tx, actorId, [
            { action: 'import.queued', subjectType: 'import', subjectId: id, before: null, after },
          ]);
          return job;
        }),
      );
      if (outcome.replayed) await this.repository.abandon(this.products, id);
      return outcome;
    } catch (error) {
      // Should this fail as well, the sweeper finds it.
      await this.repository.abandon(this.products, id).catch(() => undefined);
      throw error;
    }
  }

  async get(id: string): Promise<ImportJobRecord> {
    const job = await this.repository.find(this.products, id);
    if (!job) throw importNotFound();
    return job;
  }

  async list(page: { cursor?: string; limit: number }): Promise<CursorPage<ImportJobRecord>> {
    const rows = await this.repository.list(this.products, decodeCursor(page.cursor), page.limit + 1);
    return toCursorPage(rows, page.limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** In the order of the file. */
  async errors(id: string, page: { cursor?: string; limit: number }): Promise<CursorPage<RowFailure>> {
    await this.get(id);
    const rows = await this.repository.errors(this.products, id, positionOf(page.cursor) ?? 0, page.limit + 1);
    return toPositionPage(rows, page.limit, ({ line }) => line);
  }

  /** All of them, no faster than they are taken. */
  async *allErrors(id: string): AsyncGenerator<RowFailure> {
    let line = 0;
    for (;;) {
      const failures = await this.repository.errors(this.products, id, line, ERRORS_AT_ONCE);
      yield* failures;
      const last = failures.at(-1);
      if (!last || failures.length < ERRORS_AT_ONCE) return;
      ({ line } = last);
    }
  }

  async sweep(): Promise<void> {
    while ((await this.repository.sweep(this.products, ABANDONED_AFTER_HOURS, KEPT_DAYS)) > 0);
  }

  /** How many rows there are. */
  private async stage(
    id: string,
    source: AsyncIterable<Buffer>,
    options: ImportOptions,
    actorId: string,
  ): Promise<number> {
    const { dryRun, createCategories } = options;
    let header: string[] | null = null;
    let rows: FileRow[] = [];
    let received = 0;
    let position = 0;
    const flush = async (): Promise<void> => {
      if (rows.length === 0) return;
      await this.repository.addChunk(this.products, id, position, rows);
      received += rows.length;
      position += 1;
      rows = [];
    };
    for await (const row of readRows(source)) {
      if (header === null) {
        header = readHeader(row[1]);
        const requestId = currentTrace()?.requestId ?? null;
        const job = { id, dryRun, createCategories, columns: header, createdBy: actorId, requestId };
        await this.repository.insert(this.products, job);
        continue;
      }
      rows.push(row);
      if (rows.length >= ROWS_OF_A_CHUNK) await flush();
    }
    if (header === null) throw wrongColumns('The file is empty: its first line names the columns.');
    await flush();
    return received;
  }
}
