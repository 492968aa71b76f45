import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What keeps others out of an account: spent refresh tokens, mailed tokens, second factors. */
export class AccountSecurity1764700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE sessions
      ADD COLUMN last_used_at timestamptz(3),
      ADD COLUMN user_agent varchar(255),
      ADD COLUMN ip_prefix varchar(50)`);
    await queryRunner.query(`UPDATE sessions SET last_used_at = created_at`);
    await queryRunner.query(`ALTER TABLE sessions
      ALTER COLUMN last_used_at SET DEFAULT shop_now(),
      ALTER COLUMN last_used_at SET NOT NULL`);
    await queryRunner.query(`CREATE TABLE spent_refresh_tokens (
      token_hash char(64) NOT NULL,
      session_id uuid NOT NULL,
      spent_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT spent_refresh_tokens_pkey PRIMARY KEY (token_hash),
      CONSTRAINT spent_refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
    )`);
    await queryRunner.query(
      `CREATE INDEX spent_refresh_tokens_session_id_idx ON spent_refresh_tokens (session_id, spent_at)`,
    );
    await queryRunner.query(`CREATE INDEX spent_refresh_tokens_spent_at_idx ON spent_refresh_tokens (spent_at)`);

    await queryRunner.query(`ALTER TABLE users ADD COLUMN email_verified_at timestamptz(3)`);
    await queryRunner.query(`CREATE TABLE account_tokens (
      id         uuid NOT NULL,
      user_id    uuid NOT NULL,
      purpose    varchar(20) NOT NULL,
      token_hash char(64) NOT NULL,
      created_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      expires_at timestamptz(3) NOT NULL,
      used_at    timestamptz(3),
      CONSTRAINT account_tokens_pkey PRIMARY KEY (id),
      CONSTRAINT account_tokens_token_hash_key UNIQUE (token_hash),
      CONSTRAINT account_tokens_purpose_check CHECK (purpose IN ('password_reset', 'email_verification')),
      CONSTRAINT account_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    )`);
    await queryRunner.query(`CREATE INDEX account_tokens_user_id_idx ON account_tokens (user_id, purpose)`);
    await queryRunner.query(`CREATE INDEX account_tokens_expires_at_idx ON account_tokens (expires_at)`);
    await queryRunner.query(`ALTER TABLE notifications ALTER COLUMN order_id DROP NOT NULL`);

    await queryRunner.query(`CREATE TABLE second_factors (
      user_id       uuid NOT NULL,
      sealed_secret varchar(255) NOT NULL,
      created_at    timestamptz(3) NOT NULL DEFAULT shop_now(),
      confirmed_at  timestamptz(3),
      last_step     bigint NOT NULL DEFAULT 0,
      CONSTRAINT second_factors_pkey PRIMARY KEY (user_id),
      CONSTRAINT second_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    )`);
    await queryRunner.query(`CREATE TABLE recovery_codes (
      user_id   uuid NOT NULL,
      code_hash char(64) NOT NULL,
      used_at   timestamptz(3),
      CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
      CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES second_factors (user_id) ON DELETE CASCADE
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE recovery_codes');
    await queryRunner.query('DROP TABLE second_factors');
    // Mails about accounts tell of no order.
    await queryRunner.query(
      'DELETE FROM notification_attempts USING notifications WHERE notification_id = id AND order_id IS NULL',
    );
    await queryRunner.query('DELETE FROM notifications WHERE order_id IS NULL');
    await queryRunner.query('ALTER TABLE notifications ALTER COLUMN order_id SET NOT NULL');
    await queryRunner.query('DROP TABLE account_tokens');
    await queryRunner.query('ALTER TABLE users DROP COLUMN email_verified_at');
    await queryRunner.query('DROP TABLE spent_refresh_tokens');
    await queryRunner.query(
      'ALTER TABLE sessions DROP COLUMN ip_prefix, DROP COLUMN user_agent, DROP COLUMN last_used_at',
    );
  }
}
