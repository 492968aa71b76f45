import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Cursor } from '../common/pagination';
import { sql, type Executor } from '../database/sql';
import type { FileRow, ImportJobRecord, ImportState, RowFailure } from './import.types';

interface JobColumns {
  id: string;
  state: ImportState;
  dry_run: boolean;
  create_categories: boolean;
  columns: string[];
  created_by: string;
  request_id: string | null;
  rows_received: number;
  rows_read: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

const JOB = `id, state, dry_run, create_categories, columns, created_by, request_id, rows_received, rows_read, created,
  updated, unchanged, failed, created_at, started_at, finished_at`;

const SWEPT_AT_ONCE = 100;

function toJob(row: JobColumns): ImportJobRecord {
  return {
    id: row.id,
    state: row.state,
    dryRun: row.dry_run,
    createCategories: row.create_categories,
    columns: row.columns,
    createdBy: row.created_by,
    requestId: row.request_id,
    rowsReceived: row.rows_received,
    rowsRead: row.rows_read,
    created: row.created,
    updated: row.updated,
    unchanged: row.unchanged,
    failed: row.failed,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

export type NewImportJob = Pick<
  ImportJobRecord,
  'id' | 'dryRun' | 'createCategories' | 'columns' | 'createdBy' | 'requestId'
>;

export type Outcomes = Pick<ImportJobRecord, 'created' | 'updated' | 'unchanged' | 'failed'>;

/** Tables: import_jobs, import_chunks, import_errors. */
@Injectable()
export class ImportsRepository {
  async insert(executor: Executor, job: NewImportJob): Promise<void> {
    await sql(
      executor,
      `INSERT INTO import_jobs (id, dry_run, create_categories, columns, created_by, request_id)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [job.id, job.dryRun, job.createCategories, JSON.stringify(job.columns), job.createdBy, job.requestId],
    );
  }

  async addChunk(executor: Executor, jobId: string, position: number, rows: readonly FileRow[]): Promise<void> {
    await sql(executor, `INSERT INTO import_chunks (job_id, position, rows) VALUES ($1, $2, $3)`, [
      jobId,
      position,
      JSON.stringify(rows),
    ]);
  }

  /** All of the file is here. */
  async queue(tx: EntityManager, id: string, rowsReceived: number): Promise<ImportJobRecord> {
    const [row] = await sql<JobColumns>(
      tx,
      `UPDATE import_jobs SET state = 'queued', rows_received = $2
       WHERE id = $1 AND state = 'receiving'
       RETURNING ${JOB}`,
      [id, rowsReceived],
    );
    if (!row) throw new Error(`import ${id} is not being received`);
    return toJob(row);
  }

  /** With its rows, which hang on it. One that is queued stays, also for whom the answer to that commit did not reach. */
  async abandon(executor: Executor, id: string): Promise<void> {
    await sql(executor, `DELETE FROM import_jobs WHERE id = $1 AND state = 'receiving'`, [id]);
  }

  /** By import_jobs_pkey. */
  async find(executor: Executor, id: string): Promise<ImportJobRecord | null> {
    const [row] = await sql<JobColumns>(executor, `SELECT ${JOB} FROM import_jobs WHERE id = $1`, [id]);
    return row ? toJob(row) : null;
  }

  /** Newest first, by import_jobs_created_at_idx. */
  async list(executor: Executor, after: Cursor | null, limit: number): Promise<ImportJobRecord[]> {
    const rows = await sql<JobColumns>(
      executor,
      `SELECT ${JOB}
       FROM import_jobs
       WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1::timestamptz, $2::uuid)
       ORDER BY created_at DESC, id DESC
       LIMIT $3`,
      [after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map(toJob);
  }

  /** The errors of a job after this line, by import_errors_pkey. */
  async errors(executor: Executor, jobId: string, afterLine: number, limit: number): Promise<RowFailure[]> {
    return sql<RowFailure>(
      executor,
      `SELECT line, sku, field, message FROM import_errors WHERE job_id = $1 AND line > $2::bigint ORDER BY line LIMIT $3`,
      [jobId, afterLine, limit],
    );
  }

  /**
   * The oldest job that no one works on, by import_jobs_waiting_idx. Its lock is the lease: it ends with the transaction,
   * or with the connection of a worker that died.
   */
  async take(tx: EntityManager): Promise<ImportJobRecord | null> {
    const [row] = await sql<JobColumns>(
      tx,
      `SELECT ${JOB}
       FROM import_jobs
       WHERE state IN ('queued', 'running')
       ORDER BY created_at, id
       LIMIT 1
       FOR UPDATE SKIP LOCKED`,
    );
    return row ? toJob(row) : null;
  }

  /** Its first rows that are not done yet are taken out: with the rest of the transaction they come back. */
  async takeChunk(tx: EntityManager, jobId: string): Promise<FileRow[] | null> {
    const [row] = await sql<{ rows: FileRow[] }>(
      tx,
      `DELETE FROM import_chunks
       WHERE job_id = $1 AND position = (SELECT min(position) FROM import_chunks WHERE job_id = $1)
       RETURNING rows`,
      [jobId],
    );
    return row?.rows ?? null;
  }

  async advance(tx: EntityManager, jobId: string, { created, updated, unchanged, failed }: Outcomes): Promise<void> {
    await sql(
      tx,
      `UPDATE import_jobs
       SET state = 'running', started_at = coalesce(started_at, shop_now()),
           rows_read = rows_read + $2 + $3 + $4 + $5,
           created = created + $2, updated = updated + $3, unchanged = unchanged + $4, failed = failed + $5
       WHERE id = $1`,
      [jobId, created, updated, unchanged, failed],
    );
  }

  async addErrors(tx: EntityManager, jobId: string, failures: readonly RowFailure[]): Promise<void> {
    if (failures.length === 0) return;
    await sql(
      tx,
      `INSERT INTO import_errors (job_id, line, sku, field, message)
       SELECT $1::uuid, line, sku, field, message
       FROM json_to_recordset($2::json) AS failure(line int, sku text, field text, message text)`,
      [jobId, JSON.stringify(failures)],
    );
  }

  async finish(tx: EntityManager, jobId: string): Promise<void> {
    await sql(
      tx,
      `UPDATE import_jobs
       SET state = 'done', started_at = coalesce(started_at, shop_now()), finished_at = shop_now()
       WHERE id = $1`,
      [jobId],
    );
  }

  /** Uploads that never ended and results that nobody needs any more, by import_jobs_created_at_idx. */
  async sweep(executor: Executor, abandonedAfterHours: number, keptDays: number): Promise<number> {
    const rows = await sql(
      executor,
      `DELETE FROM import_jobs
       WHERE id IN (
         SELECT id FROM import_jobs
         WHERE state = 'receiving' AND created_at < shop_now() - make_interval(hours => $1)
            OR state = 'done' AND created_at < shop_now() - make_interval(days => $2)
         ORDER BY created_at
         LIMIT ${SWEPT_AT_ONCE})
       RETURNING id`,
      [abandonedAfterHours, keptDays],
    );
    return rows.length;
  }
}
