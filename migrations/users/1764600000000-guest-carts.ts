import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the customer saw a line for, and the index by which the carts of guests who never came back are found. */
export class GuestCarts1764600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE cart_items ADD COLUMN seen_price numeric(10,2)`);
    await queryRunner.query(`CREATE INDEX carts_guest_updated_at_idx ON carts (updated_at) WHERE guest_id IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX carts_guest_updated_at_idx');
    await queryRunner.query('ALTER TABLE cart_items DROP COLUMN seen_price');
  }
}
