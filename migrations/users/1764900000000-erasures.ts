import type { MigrationInterface, QueryRunner } from 'typeorm';
import { waitBriefly } from '../brief-lock';

/** The work that the end of an account takes in every store. */
export class Erasures1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // The foreign key locks `users`.
    await waitBriefly(queryRunner);
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
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    await queryRunner.query('DROP TABLE erasure_steps');
    await queryRunner.query('DROP TABLE erasures');
  }
}
