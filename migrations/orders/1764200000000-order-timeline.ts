import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The indexes by which an order's events are read, and what the provider told of its payment. */
export class OrderTimeline1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX outbox_order_id_idx ON outbox (order_id) WHERE order_id IS NOT NULL`);
    await queryRunner.query(
      `CREATE INDEX provider_events_payment_idx
       ON provider_events ((payload -> 'data' -> 'charge' ->> 'idempotencyKey'))`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX provider_events_payment_idx');
    await queryRunner.query('DROP INDEX outbox_order_id_idx');
  }
}
