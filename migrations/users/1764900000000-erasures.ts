import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts that are no more, the work that their end takes in every store, and messages that name nobody. */
export class Erasures1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE users ADD COLUMN erased_at timestamptz(3)`);
    await queryRunner.query(`CREATE TABLE erasures (
      user_id      uuid NOT NULL,
      session_ids  uuid[] NOT NULL,
      requested_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      tries        integer NOT NULL DEFAULT 0,
      next_try_at  timestamptz(3) NOT NULL DEFAULT shop_now(),
      completed_at timestamptz(3),
      CONSTRAINT erasures_pkey PRIMARY KEY (user_id),
      CONSTRAINT erasures_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    )`);
    await queryRunner.query(`CREATE INDEX erasures_due_idx ON erasures (next_try_at) WHERE completed_at IS NULL`);
    await queryRunner.query(`CREATE TABLE erasure_steps (
      user_id    uuid NOT NULL,
      step       varchar(20) NOT NULL,
      runs       integer NOT NULL DEFAULT 0,
      done_at    timestamptz(3),
      waits_for  varchar(500),
      last_error varchar(500),
      CONSTRAINT erasure_steps_pkey PRIMARY KEY (user_id, step),
      CONSTRAINT erasure_steps_user_id_fkey FOREIGN KEY (user_id) REFERENCES erasures (user_id)
    )`);

    // A server of before still writes the address; who sends looks it up.
    await queryRunner.query(`ALTER TABLE notifications ALTER COLUMN recipient DROP NOT NULL`);
    await queryRunner.query(`UPDATE notifications SET recipient = NULL WHERE status IN ('sent', 'dead')`);
    await queryRunner.query(`ALTER TABLE notifications
      DROP CONSTRAINT notifications_status_check,
      ADD CONSTRAINT notifications_status_check CHECK (status IN ('queued', 'sending', 'sent', 'dead', 'dropped'))`);
    await queryRunner.query(
      `CREATE INDEX notifications_user_id_idx ON notifications (user_id, created_at DESC, id DESC)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX notifications_user_id_idx');
    await queryRunner.query(`UPDATE notifications SET status = 'dead' WHERE status = 'dropped'`);
    await queryRunner.query(`ALTER TABLE notifications
      DROP CONSTRAINT notifications_status_check,
      ADD CONSTRAINT notifications_status_check CHECK (status IN ('queued', 'sending', 'sent', 'dead'))`);
    await queryRunner.query(`UPDATE notifications SET recipient = '' WHERE recipient IS NULL`);
    await queryRunner.query(`ALTER TABLE notifications ALTER COLUMN recipient SET NOT NULL`);
    await queryRunner.query('DROP TABLE erasure_steps');
    await queryRunner.query('DROP TABLE erasures');
    await queryRunner.query('ALTER TABLE users DROP COLUMN erased_at');
  }
}
