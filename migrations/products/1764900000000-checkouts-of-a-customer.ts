import type { MigrationInterface, QueryRunner } from 'typeorm';
import { waitBriefly } from '../brief-lock';
import { createIndexInUse } from '../index-in-use';

/** The index by which all checkouts of a customer are found, for an export or an erasure. */
export class CheckoutsOfACustomer1764900000000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const of = 'checkouts (user_id, created_at DESC, id DESC)';
    await createIndexInUse(queryRunner, 'checkouts_user_id_idx', of);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    await queryRunner.query('DROP INDEX checkouts_user_id_idx');
  }
}
