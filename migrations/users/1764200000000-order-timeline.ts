import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each try to send a notification, and the index by which an order's events are read. */
export class OrderTimeline1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE notification_attempts (
      notification_id uuid NOT NULL,
      number          integer NOT NULL,
      outcome         varchar(20) NOT NULL DEFAULT 'started',
      error           varchar(1000),
      started_at      timestamptz(3) NOT NULL DEFAULT shop_now(),
      finished_at     timestamptz(3),
      CONSTRAINT notification_attempts_pkey PRIMARY KEY (notification_id, number),
      CONSTRAINT notification_attempts_outcome_check CHECK (outcome IN ('started', 'sent', 'failed', 'refused')),
      CONSTRAINT notification_attempts_notification_id_fkey
        FOREIGN KEY (notification_id) REFERENCES notifications (id)
    )`);
    await queryRunner.query(`CREATE INDEX outbox_order_id_idx ON outbox (order_id) WHERE order_id IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX outbox_order_id_idx');
    await queryRunner.query('DROP TABLE notification_attempts');
  }
}
