import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The index by which all checkouts of a customer are found, for an export or an erasure. */
export class CheckoutsOfACustomer1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX checkouts_user_id_idx ON checkouts (user_id, created_at DESC, id DESC)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX checkouts_user_id_idx');
  }
}
