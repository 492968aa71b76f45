import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One file of products to take over, and how far that came. */
@Entity('import_jobs')
@Check('import_jobs_state_check', `state IN ('receiving', 'queued', 'running', 'done')`)
// Each row that was read had an outcome: batches count both in one statement.
@Check('import_jobs_count_check', 'rows_read = created + updated + unchanged + failed')
// The list, newest first; uploads that never ended.
@Index('import_jobs_created_at_idx', ['createdAt', 'id'])
// What there is to do, oldest first. Partial: done ones cost it nothing.
@Index('import_jobs_waiting_idx', ['createdAt', 'id'], { where: `state IN ('queued', 'running')` })
export class ImportJob {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'import_jobs_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 20, default: 'receiving' })
  state: string;

  /** Everything is checked, nothing kept. */
  @Column({ name: 'dry_run', type: 'boolean' })
  dryRun: boolean;

  /** Whether categories that are not there yet are made. */
  @Column({ name: 'create_categories', type: 'boolean' })
  createCategories: boolean;

  /** The names of the header. */
  @Column({ type: 'json' })
  columns: string[];

  @Column({ name: 'created_by', type: 'uuid' })
  createdBy: string;

  /** Of the upload: the audit trail names it. */
  @Column({ name: 'request_id', type: 'varchar', length: 100, nullable: true })
  requestId: string | null;

  @Column({ name: 'rows_received', type: 'integer', default: 0 })
  rowsReceived: number;

  @Column({ name: 'rows_read', type: 'integer', default: 0 })
  rowsRead: number;

  @Column({ type: 'integer', default: 0 })
  created: number;

  @Column({ type: 'integer', default: 0 })
  updated: number;

  @Column({ type: 'integer', default: 0 })
  unchanged: number;

  @Column({ type: 'integer', default: 0 })
  failed: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'started_at', type: 'timestamptz', precision: 3, nullable: true })
  startedAt: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', precision: 3, nullable: true })
  finishedAt: Date | null;
}
