import type { QueryRunner } from 'typeorm';

/**
 * Makes an index while the table is read and written; not within a transaction, so its migration is none
 * (`transaction = false`) and does nothing else. What an attempt that failed has left is taken away first.
 */
export async function createIndexInUse(queryRunner: QueryRunner, name: string, of: string): Promise<void> {
  await queryRunner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  await queryRunner.query(`CREATE INDEX CONCURRENTLY ${name} ON ${of}`);
}
