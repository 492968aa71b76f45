import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Imports of products: the job with its progress, the rows it still has to do, and those it could not. */
export class ProductImports1764510000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE import_jobs (
      id                uuid NOT NULL,
      state             varchar(20) NOT NULL DEFAULT 'receiving',
      dry_run           boolean NOT NULL,
      create_categories boolean NOT NULL,
      columns           json NOT NULL,
      created_by        uuid NOT NULL,
      request_id        varchar(100),
      rows_received     integer NOT NULL DEFAULT 0,
      rows_read         integer NOT NULL DEFAULT 0,
      created           integer NOT NULL DEFAULT 0,
      updated           integer NOT NULL DEFAULT 0,
      unchanged         integer NOT NULL DEFAULT 0,
      failed            integer NOT NULL DEFAULT 0,
      created_at        timestamptz(3) NOT NULL DEFAULT shop_now(),
      started_at        timestamptz(3),
      finished_at       timestamptz(3),
      CONSTRAINT import_jobs_pkey PRIMARY KEY (id),
      CONSTRAINT import_jobs_state_check CHECK (state IN ('receiving', 'queued', 'running', 'done')),
      CONSTRAINT import_jobs_count_check CHECK (rows_read = created + updated + unchanged + failed)
    )`);
    await queryRunner.query(`CREATE INDEX import_jobs_created_at_idx ON import_jobs (created_at, id)`);
    await queryRunner.query(`CREATE INDEX import_jobs_waiting_idx ON import_jobs (created_at, id)
      WHERE state IN ('queued', 'running')`);
    await queryRunner.query(`CREATE TABLE import_chunks (
      job_id   uuid NOT NULL,
      position integer NOT NULL,
      rows     json NOT NULL,
      CONSTRAINT import_chunks_pkey PRIMARY KEY (job_id, position),
      CONSTRAINT import_chunks_job_id_fkey FOREIGN KEY (job_id) REFERENCES import_jobs (id) ON DELETE CASCADE
    )`);
    await queryRunner.query(`CREATE TABLE import_errors (
      job_id  uuid NOT NULL,
      line    integer NOT NULL,
      sku     varchar(100),
      field   varchar(100),
      message varchar(500) NOT NULL,
      CONSTRAINT import_errors_pkey PRIMARY KEY (job_id, line),
      CONSTRAINT import_errors_job_id_fkey FOREIGN KEY (job_id) REFERENCES import_jobs (id) ON DELETE CASCADE
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE import_errors`);
    await queryRunner.query(`DROP TABLE import_chunks`);
    await queryRunner.query(`DROP TABLE import_jobs`);
  }
}
