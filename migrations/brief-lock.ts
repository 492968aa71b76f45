import type { QueryRunner } from 'typeorm';

/**
 * Before a change of a table that is in use. It takes a moment, but it waits for whoever reads or writes the table, and
 * everybody else waits behind it: better it fails, and is run again.
 */
export async function waitBriefly(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`SET LOCAL lock_timeout = '2s'`);
}
