import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events that a listener group gave up, from Kafka's `.dlq` topics, until someone redrives or discards them. */
export class DeadLetters1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE dead_letters (
      id              uuid NOT NULL,
      dlq_topic       varchar(100) NOT NULL,
      dlq_partition   integer NOT NULL,
      dlq_offset      bigint NOT NULL,
      failed_at       timestamptz(3) NOT NULL,
      listener_group  varchar(100),
      topic           varchar(100) NOT NULL,
      topic_partition integer,
      topic_offset    bigint,
      event_id        uuid,
      event_type      varchar(100),
      order_id        uuid,
      key             bytea,
      value           bytea,
      headers         json NOT NULL,
      error           text NOT NULL,
      stack           text NOT NULL,
      status          varchar(20) NOT NULL DEFAULT 'open',
      received_at     timestamptz(3) NOT NULL DEFAULT shop_now(),
      decided_by      uuid,
      decided_at      timestamptz(3),
      discard_reason  varchar(500),
      tries           integer NOT NULL DEFAULT 0,
      next_try_at     timestamptz(3) NOT NULL DEFAULT shop_now(),
      last_error      varchar(500),
      redriven_at     timestamptz(3),
      CONSTRAINT dead_letters_pkey PRIMARY KEY (id),
      CONSTRAINT dead_letters_place_key UNIQUE (dlq_topic, dlq_partition, dlq_offset, failed_at),
      CONSTRAINT dead_letters_status_check CHECK (status IN ('open', 'redriving', 'redriven', 'discarded')),
      CONSTRAINT dead_letters_discard_reason_check CHECK ((status = 'discarded') = (discard_reason IS NOT NULL)),
      CONSTRAINT dead_letters_decided_check
        CHECK (status = 'open' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL))
    )`);
    await queryRunner.query(`CREATE INDEX dead_letters_received_at_idx ON dead_letters (received_at, id)`);
    await queryRunner.query(`CREATE INDEX dead_letters_order_id_idx ON dead_letters (order_id)`);
    await queryRunner.query(
      `CREATE INDEX dead_letters_open_idx ON dead_letters (received_at, id) WHERE status = 'open'`,
    );
    await queryRunner.query(
      `CREATE INDEX dead_letters_due_idx ON dead_letters (next_try_at) WHERE status = 'redriving'`,
    );
    await queryRunner.query(
      `CREATE INDEX dead_letters_decided_at_idx ON dead_letters (decided_at)
       WHERE status IN ('redriven', 'discarded')`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE dead_letters');
  }
}
