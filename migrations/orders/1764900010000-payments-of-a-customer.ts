import type { MigrationInterface, QueryRunner } from 'typeorm';
import { waitBriefly } from '../brief-lock';
import { createIndexInUse } from '../index-in-use';

/** The index by which all payments of a customer are found, for an export or an erasure. */
export class PaymentsOfACustomer1764900010000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await createIndexInUse(queryRunner, 'payments_user_id_idx', 'payments (user_id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    await queryRunner.query('DROP INDEX payments_user_id_idx');
  }
}
