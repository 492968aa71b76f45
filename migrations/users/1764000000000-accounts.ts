import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SHARED_TABLES_DOWN, SHARED_TABLES_UP } from '../shared-tables';

/** Users, addresses, sessions, carts and notifications. */
export class Accounts1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of SHARED_TABLES_UP) await queryRunner.query(statement);

    await queryRunner.query(`CREATE TABLE users (
      id            uuid NOT NULL,
      email         varchar(255) NOT NULL,
      password_hash varchar(255) NOT NULL,
      name          varchar(255) NOT NULL,
      phone         varchar(32),
      roles         varchar(20) array NOT NULL DEFAULT '{customer}',
      created_at    timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at    timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT users_pkey PRIMARY KEY (id),
      CONSTRAINT users_email_key UNIQUE (email),
      CONSTRAINT users_email_lower_check CHECK (email = lower(email))
    )`);
    await queryRunner.query(`CREATE INDEX users_created_at_idx ON users (created_at, id)`);

    await queryRunner.query(`CREATE TABLE addresses (
      id         uuid NOT NULL,
      user_id    uuid NOT NULL,
      street     varchar(255) NOT NULL,
      city       varchar(100) NOT NULL,
      state      varchar(100) NOT NULL,
      zip_code   varchar(20) NOT NULL,
      country    varchar(100) NOT NULL,
      is_default boolean NOT NULL DEFAULT false,
      created_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT addresses_pkey PRIMARY KEY (id),
      CONSTRAINT addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    )`);
    await queryRunner.query(`CREATE INDEX addresses_user_id_idx ON addresses (user_id, created_at)`);
    await queryRunner.query(`CREATE UNIQUE INDEX addresses_one_default_idx ON addresses (user_id) WHERE is_default`);

    await queryRunner.query(`CREATE TABLE sessions (
      id                 uuid NOT NULL,
      user_id            uuid NOT NULL,
      refresh_token_hash char(64) NOT NULL,
      created_at         timestamptz(3) NOT NULL DEFAULT shop_now(),
      expires_at         timestamptz(3) NOT NULL,
      revoked_at         timestamptz(3),
      CONSTRAINT sessions_pkey PRIMARY KEY (id),
      CONSTRAINT sessions_refresh_token_hash_key UNIQUE (refresh_token_hash),
      CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    )`);
    await queryRunner.query(`CREATE INDEX sessions_user_id_idx ON sessions (user_id)`);
    await queryRunner.query(`CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)`);

    await queryRunner.query(`CREATE TABLE carts (
      id         uuid NOT NULL,
      user_id    uuid,
      guest_id   uuid,
      version    integer NOT NULL DEFAULT 0,
      created_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT carts_pkey PRIMARY KEY (id),
      CONSTRAINT carts_user_id_key UNIQUE (user_id),
      CONSTRAINT carts_guest_id_key UNIQUE (guest_id),
      CONSTRAINT carts_owner_check CHECK (num_nonnulls(user_id, guest_id) = 1),
      CONSTRAINT carts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    )`);
    await queryRunner.query(`CREATE TABLE cart_items (
      cart_id    uuid NOT NULL,
      product_id uuid NOT NULL,
      quantity   integer NOT NULL,
      added_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT cart_items_pkey PRIMARY KEY (cart_id, product_id),
      CONSTRAINT cart_items_quantity_check CHECK (quantity > 0),
      CONSTRAINT cart_items_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE
    )`);

    await queryRunner.query(`CREATE TABLE notifications (
      id            uuid NOT NULL,
      caused_by     uuid NOT NULL,
      event_id      uuid NOT NULL,
      type          varchar(50) NOT NULL,
      channel       varchar(10) NOT NULL,
      user_id       uuid NOT NULL,
      order_id      uuid NOT NULL,
      recipient     varchar(255) NOT NULL,
      content       json NOT NULL,
      status        varchar(20) NOT NULL DEFAULT 'queued',
      tries         integer NOT NULL DEFAULT 0,
      last_error    text,
      next_try_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      created_at    timestamptz(3) NOT NULL DEFAULT shop_now(),
      sent_at       timestamptz(3),
      CONSTRAINT notifications_pkey PRIMARY KEY (id),
      CONSTRAINT notifications_caused_by_key UNIQUE (caused_by, type),
      CONSTRAINT notifications_status_check CHECK (status IN ('queued', 'sending', 'sent', 'dead')),
      CONSTRAINT notifications_channel_check CHECK (channel IN ('email', 'sms'))
    )`);
    await queryRunner.query(
      `CREATE INDEX notifications_due_idx ON notifications (next_try_at) WHERE status IN ('queued', 'sending')`,
    );
    await queryRunner.query(`CREATE INDEX notifications_order_id_idx ON notifications (order_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['notifications', 'cart_items', 'carts', 'sessions', 'addresses', 'users']) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
    for (const statement of SHARED_TABLES_DOWN) await queryRunner.query(statement);
  }
}
