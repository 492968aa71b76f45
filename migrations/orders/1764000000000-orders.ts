import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SHARED_TABLES_DOWN, SHARED_TABLES_UP } from '../shared-tables';

/** Live orders and their items and shipments; placements and payments, which stay for ever. */
export class Orders1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of SHARED_TABLES_UP) await queryRunner.query(statement);

    await queryRunner.query(`CREATE SEQUENCE order_numbers START WITH 100001`);

    await queryRunner.query(`CREATE TABLE placements (
      checkout_id  uuid NOT NULL,
      order_id     uuid NOT NULL,
      cart_id      uuid,
      cart_version integer,
      status       varchar(20) NOT NULL,
      created_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT placements_pkey PRIMARY KEY (checkout_id),
      CONSTRAINT placements_order_id_key UNIQUE (order_id),
      CONSTRAINT placements_status_check CHECK (status IN ('live', 'ended', 'tombstone'))
    )`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX placements_one_order_a_cart_version_idx ON placements (cart_id, cart_version)
       WHERE status = 'live'`,
    );

    await queryRunner.query(`CREATE TABLE orders (
      id                  uuid NOT NULL,
      number              varchar(20) NOT NULL,
      user_id             uuid NOT NULL,
      total_amount        numeric(10,2) NOT NULL,
      subtotal_amount     numeric(10,2) NOT NULL,
      discount_amount     numeric(10,2) NOT NULL DEFAULT 0,
      shipping_amount     numeric(10,2) NOT NULL DEFAULT 0,
      tax_amount          numeric(10,2) NOT NULL DEFAULT 0,
      currency            char(3) NOT NULL DEFAULT 'USD',
      status              varchar(50) NOT NULL DEFAULT 'pending',
      shipping_address_id uuid NOT NULL,
      shipping_address    json NOT NULL,
      shipping_method     varchar(50) NOT NULL,
      payment_id          uuid NOT NULL,
      checkout_id         uuid NOT NULL,
      cancel_reason       varchar(100),
      version             integer NOT NULL DEFAULT 1,
      created_at          timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at          timestamptz(3) NOT NULL DEFAULT shop_now(),
      completed_at        timestamptz(3),
      archived_at         timestamptz(3),
      archived_version    integer,
      CONSTRAINT orders_pkey PRIMARY KEY (id),
      CONSTRAINT orders_number_key UNIQUE (number),
      CONSTRAINT orders_checkout_id_key UNIQUE (checkout_id),
      CONSTRAINT orders_status_check
        CHECK (status IN ('pending', 'confirmed', 'processing', 'shipped', 'delivered', 'cancelled'))
    )`);
    await queryRunner.query(`CREATE INDEX orders_user_id_idx ON orders (user_id, created_at DESC, id DESC)`);
    await queryRunner.query(`CREATE INDEX orders_created_at_idx ON orders (created_at DESC, id DESC)`);
    await queryRunner.query(
      `CREATE INDEX orders_completed_at_idx ON orders (completed_at) WHERE completed_at IS NOT NULL`,
    );

    await queryRunner.query(`CREATE TABLE order_items (
      id                uuid NOT NULL,
      order_id          uuid NOT NULL,
      line              integer NOT NULL,
      product_id        uuid NOT NULL,
      sku               varchar(100) NOT NULL,
      name              varchar(255) NOT NULL,
      quantity          integer NOT NULL,
      price_at_purchase numeric(10,2) NOT NULL,
      CONSTRAINT order_items_pkey PRIMARY KEY (id),
      CONSTRAINT order_items_line_key UNIQUE (order_id, line),
      CONSTRAINT order_items_quantity_check CHECK (quantity > 0),
      CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
    )`);

    await queryRunner.query(`CREATE TABLE shipments (
      id              uuid NOT NULL,
      order_id        uuid NOT NULL,
      status          varchar(20) NOT NULL DEFAULT 'preparing',
      carrier         varchar(100),
      tracking_number varchar(100),
      created_at      timestamptz(3) NOT NULL DEFAULT shop_now(),
      shipped_at      timestamptz(3),
      delivered_at    timestamptz(3),
      CONSTRAINT shipments_pkey PRIMARY KEY (id),
      CONSTRAINT shipments_order_id_key UNIQUE (order_id),
      CONSTRAINT shipments_status_check CHECK (status IN ('preparing', 'shipped', 'delivered', 'cancelled')),
      CONSTRAINT shipments_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
    )`);

    await queryRunner.query(`CREATE TABLE payments (
      id                uuid NOT NULL,
      order_id          uuid NOT NULL,
      user_id           uuid NOT NULL,
      provider          varchar(30) NOT NULL,
      token             varchar(255) NOT NULL,
      amount            numeric(10,2) NOT NULL,
      refunded_amount   numeric(10,2) NOT NULL DEFAULT 0,
      currency          char(3) NOT NULL DEFAULT 'USD',
      status            varchar(30) NOT NULL DEFAULT 'initiated',
      charge_id         varchar(100),
      failure_code      varchar(100),
      traceparent       varchar(55) NOT NULL,
      tries             integer NOT NULL DEFAULT 0,
      next_try_at       timestamptz(3) NOT NULL DEFAULT shop_now(),
      first_tried_at    timestamptz(3),
      first_answered_at timestamptz(3),
      version           integer NOT NULL DEFAULT 1,
      created_at        timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at        timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT payments_pkey PRIMARY KEY (id),
      CONSTRAINT payments_order_id_key UNIQUE (order_id),
      CONSTRAINT payments_status_check CHECK (status IN (
        'initiated', 'voided', 'charging', 'succeeded', 'failed', 'unknown', 'partially_refunded', 'refunded')),
      CONSTRAINT payments_refunded_amount_check CHECK (refunded_amount >= 0 AND refunded_amount <= amount)
    )`);
    await queryRunner.query(
      `CREATE INDEX payments_due_idx ON payments (next_try_at) WHERE status IN ('initiated', 'charging', 'unknown')`,
    );

    await queryRunner.query(`CREATE TABLE payment_attempts (
      id           bigint GENERATED ALWAYS AS IDENTITY,
      payment_id   uuid NOT NULL,
      kind         varchar(20) NOT NULL,
      outcome      varchar(20) NOT NULL DEFAULT 'started',
      detail       varchar(255),
      started_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      finished_at  timestamptz(3),
      CONSTRAINT payment_attempts_pkey PRIMARY KEY (id),
      CONSTRAINT payment_attempts_kind_check CHECK (kind IN ('charge', 'lookup')),
      CONSTRAINT payment_attempts_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments (id)
    )`);
    await queryRunner.query(`CREATE INDEX payment_attempts_payment_id_idx ON payment_attempts (payment_id, id)`);

    await queryRunner.query(`CREATE TABLE refunds (
      id                 uuid NOT NULL,
      payment_id         uuid NOT NULL,
      cause              varchar(100) NOT NULL,
      amount             numeric(10,2) NOT NULL,
      reason             varchar(255) NOT NULL,
      status             varchar(20) NOT NULL DEFAULT 'requested',
      provider_refund_id varchar(100),
      tries              integer NOT NULL DEFAULT 0,
      next_try_at        timestamptz(3) NOT NULL DEFAULT shop_now(),
      last_error         varchar(255),
      created_at         timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at         timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT refunds_pkey PRIMARY KEY (id),
      CONSTRAINT refunds_cause_key UNIQUE (payment_id, cause),
      CONSTRAINT refunds_amount_check CHECK (amount > 0),
      CONSTRAINT refunds_status_check CHECK (status IN ('requested', 'sending', 'succeeded', 'failed')),
      CONSTRAINT refunds_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments (id)
    )`);
    await queryRunner.query(
      `CREATE INDEX refunds_due_idx ON refunds (next_try_at) WHERE status IN ('requested', 'sending')`,
    );

    await queryRunner.query(`CREATE TABLE provider_events (
      provider    varchar(30) NOT NULL,
      event_id    varchar(100) NOT NULL,
      type        varchar(100) NOT NULL,
      payload     json NOT NULL,
      received_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      applied_at  timestamptz(3),
      CONSTRAINT provider_events_pkey PRIMARY KEY (provider, event_id)
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const tables = ['provider_events', 'refunds', 'payment_attempts', 'payments', 'shipments', 'order_items', 'orders'];
    for (const table of [...tables, 'placements']) await queryRunner.query(`DROP TABLE ${table}`);
    await queryRunner.query('DROP SEQUENCE order_numbers');
    for (const statement of SHARED_TABLES_DOWN) await queryRunner.query(statement);
  }
}
