import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What staff say of a cancellation lies with the order, where it can be taken away; and a customer's payments are found. */
export class WordsAboutOrders1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE orders ADD COLUMN cancel_note varchar(500)`);
    await queryRunner.query(`CREATE INDEX payments_user_id_idx ON payments (user_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX payments_user_id_idx');
    await queryRunner.query('ALTER TABLE orders DROP COLUMN cancel_note');
  }
}
