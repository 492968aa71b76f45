import type { MigrationInterface, QueryRunner } from 'typeorm';
import { waitBriefly } from '../brief-lock';

/** What staff say of a cancellation lies with the order, where it can be taken away. */
export class WordsAboutOrders1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    await queryRunner.query('ALTER TABLE orders ADD COLUMN cancel_note varchar(500)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    await queryRunner.query('ALTER TABLE orders DROP COLUMN cancel_note');
  }
}
