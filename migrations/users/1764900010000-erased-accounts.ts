import type { MigrationInterface, QueryRunner } from 'typeorm';
import { waitBriefly } from '../brief-lock';

/** Accounts that are no more. */
export class ErasedAccounts1764900010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    // Databases of between releases have it from the migration before.
    await queryRunner.query('ALTER TABLE users ADD COLUMN IF NOT EXISTS erased_at timestamptz(3)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    await queryRunner.query('ALTER TABLE users DROP COLUMN erased_at');
  }
}
