import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendOnly, REFUSE_TO_CHANGE } from '../append-only';
import { AUDIT_TABLE_DOWN, AUDIT_TABLE_UP } from '../audit-table';

/** Who outside the shop is told of its events, what is sent to them, and each try; and the trail of what staff do here. */
export class OutgoingWebhooks1764710000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(REFUSE_TO_CHANGE);
    for (const statement of [...AUDIT_TABLE_UP, ...appendOnly('audit_log')]) await queryRunner.query(statement);

    await queryRunner.query(`CREATE TABLE webhook_endpoints (
      id                  uuid NOT NULL,
      url                 varchar(2048) NOT NULL,
      description         varchar(500) NOT NULL,
      event_types         varchar(50)[] NOT NULL,
      secret              text NOT NULL,
      former_secret       text,
      former_secret_until timestamptz(3),
      listens_from        timestamptz(3) NOT NULL,
      failing_since       timestamptz(3),
      disabled_at         timestamptz(3),
      disabled_reason     varchar(20),
      version             integer NOT NULL DEFAULT 1,
      created_at          timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at          timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
      CONSTRAINT webhook_endpoints_event_types_check CHECK (cardinality(event_types) > 0),
      CONSTRAINT webhook_endpoints_former_secret_check
        CHECK ((former_secret IS NULL) = (former_secret_until IS NULL)),
      CONSTRAINT webhook_endpoints_disabled_check
        CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)
               AND disabled_reason IN ('staff', 'gone', 'failing', 'deleted'))
    )`);
    await queryRunner.query(`CREATE INDEX webhook_endpoints_created_at_idx ON webhook_endpoints (created_at, id)`);

    await queryRunner.query(`CREATE TABLE webhook_deliveries (
      id               uuid NOT NULL,
      endpoint_id      uuid NOT NULL,
      event_id         uuid NOT NULL,
      event_type       varchar(50) NOT NULL,
      payload          json NOT NULL,
      status           varchar(20) NOT NULL DEFAULT 'pending',
      tries            integer NOT NULL DEFAULT 0,
      next_try_at      timestamptz(3) NOT NULL DEFAULT shop_now(),
      leased_until     timestamptz(3),
      last_status      integer,
      last_error       varchar(500),
      last_duration_ms integer,
      delivered_at     timestamptz(3),
      created_at       timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
      CONSTRAINT webhook_deliveries_event_key UNIQUE (endpoint_id, event_id),
      CONSTRAINT webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id),
      CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('pending', 'delivered', 'failed'))
    )`);
    await queryRunner.query(
      `CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (endpoint_id, next_try_at)
       WHERE status = 'pending'`,
    );
    await queryRunner.query(
      `CREATE INDEX webhook_deliveries_endpoint_idx ON webhook_deliveries (endpoint_id, created_at, id)`,
    );
    await queryRunner.query(
      `CREATE INDEX webhook_deliveries_failed_idx ON webhook_deliveries (endpoint_id, created_at)
       WHERE status = 'failed'`,
    );
    await queryRunner.query(`CREATE INDEX webhook_deliveries_created_at_idx ON webhook_deliveries (created_at)`);

    await queryRunner.query(`CREATE TABLE webhook_attempts (
      id          bigint GENERATED ALWAYS AS IDENTITY,
      delivery_id uuid NOT NULL,
      outcome     varchar(20) NOT NULL,
      status      integer,
      error       varchar(500),
      response    varchar(1000),
      duration_ms integer NOT NULL,
      ended_at    timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT webhook_attempts_pkey PRIMARY KEY (id),
      CONSTRAINT webhook_attempts_delivery_id_fkey
        FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries (id) ON DELETE CASCADE
    )`);
    await queryRunner.query(`CREATE INDEX webhook_attempts_delivery_id_idx ON webhook_attempts (delivery_id, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['webhook_attempts', 'webhook_deliveries', 'webhook_endpoints']) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
    for (const statement of AUDIT_TABLE_DOWN) await queryRunner.query(statement);
    await queryRunner.query('DROP FUNCTION refuse_to_change_what_is_told()');
  }
}
