import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The check of the migration before, for the rows that were there: they are read while others write. */
export class StatesOfMessages1764900030000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE notifications VALIDATE CONSTRAINT notifications_status_check');
  }

  /** The check goes with the migration before. */
  async down(): Promise<void> {}
}
