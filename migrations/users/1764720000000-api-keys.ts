import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendOnly, REFUSE_TO_CHANGE } from '../append-only';
import { AUDIT_TABLE_DOWN, AUDIT_TABLE_UP } from '../audit-table';

/** Keys of integrations, and the trail of what staff do in this database. */
export class ApiKeys1764720000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(REFUSE_TO_CHANGE);
    for (const statement of [...AUDIT_TABLE_UP, ...appendOnly('audit_log')]) await queryRunner.query(statement);

    await queryRunner.query(`CREATE TABLE api_keys (
      id           uuid NOT NULL,
      name         varchar(100) NOT NULL,
      key_hash     char(64) NOT NULL,
      hint         varchar(16) NOT NULL,
      permissions  varchar(50)[] NOT NULL,
      created_by   uuid NOT NULL,
      created_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      expires_at   timestamptz(3),
      revoked_at   timestamptz(3),
      last_used_at timestamptz(3),
      CONSTRAINT api_keys_pkey PRIMARY KEY (id),
      CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
      CONSTRAINT api_keys_permissions_check CHECK (cardinality(permissions) > 0)
    )`);
    await queryRunner.query(`CREATE INDEX api_keys_created_at_idx ON api_keys (created_at, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE api_keys');
    for (const statement of AUDIT_TABLE_DOWN) await queryRunner.query(statement);
    await queryRunner.query('DROP FUNCTION refuse_to_change_what_is_told()');
  }
}
