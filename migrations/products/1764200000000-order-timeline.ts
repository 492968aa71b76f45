import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The index by which an order's events are read; those of products alone have no order and are not in it. */
export class OrderTimeline1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX outbox_order_id_idx ON outbox (order_id) WHERE order_id IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX outbox_order_id_idx');
  }
}
