import type { MigrationInterface, QueryRunner } from 'typeorm';
import { waitBriefly } from '../brief-lock';

/**
 * A message whose address is not kept, and one that there is nobody for. Addresses of what was sent before stay until the
 * next release drops the column, or the account is erased: to rewrite all rows here would hold up the sender.
 */
export class MessagesThatNameNobody1764900020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    // Looked through by the next migration, which locks nobody out.
    await queryRunner.query(`ALTER TABLE notifications
      ALTER COLUMN recipient DROP NOT NULL,
      DROP CONSTRAINT notifications_status_check,
      ADD CONSTRAINT notifications_status_check
        CHECK (status IN ('queued', 'sending', 'sent', 'dead', 'dropped')) NOT VALID`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // A sender of before looks nowhere else, and does not ask whether the account is erased.
    await queryRunner.query(`UPDATE notifications
      SET status = 'dead'
      FROM users
      WHERE users.id = user_id AND erased_at IS NOT NULL AND status IN ('queued', 'sending', 'dropped')`);
    await queryRunner.query(`UPDATE notifications
      SET recipient = CASE channel WHEN 'email' THEN users.email ELSE coalesce(users.phone, 'customer:' || users.id) END
      FROM users
      WHERE users.id = user_id AND erased_at IS NULL AND recipient IS NULL`);
    await queryRunner.query(`UPDATE notifications SET status = 'dead' WHERE status = 'dropped'`);
    await queryRunner.query(`UPDATE notifications SET recipient = '' WHERE recipient IS NULL`);
    await queryRunner.query(`ALTER TABLE notifications
      ALTER COLUMN recipient SET NOT NULL,
      DROP CONSTRAINT notifications_status_check,
      ADD CONSTRAINT notifications_status_check CHECK (status IN ('queued', 'sending', 'sent', 'dead'))`);
  }
}
