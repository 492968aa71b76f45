import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tries of a refund are kept as those of a charge are. */
export class RefundAttempts1764050000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE payment_attempts
      ADD COLUMN refund_id uuid,
      ADD CONSTRAINT payment_attempts_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refunds (id),
      DROP CONSTRAINT payment_attempts_kind_check,
      ADD CONSTRAINT payment_attempts_kind_check CHECK (kind IN ('charge', 'lookup', 'refund')),
      ADD CONSTRAINT payment_attempts_refund_id_check CHECK ((kind = 'refund') = (refund_id IS NOT NULL))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM payment_attempts WHERE kind = 'refund'`);
    await queryRunner.query(`ALTER TABLE payment_attempts
      DROP CONSTRAINT payment_attempts_refund_id_check,
      DROP CONSTRAINT payment_attempts_kind_check,
      ADD CONSTRAINT payment_attempts_kind_check CHECK (kind IN ('charge', 'lookup')),
      DROP CONSTRAINT payment_attempts_refund_id_fkey,
      DROP COLUMN refund_id`);
  }
}
