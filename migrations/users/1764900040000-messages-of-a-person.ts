import type { MigrationInterface, QueryRunner } from 'typeorm';
import { waitBriefly } from '../brief-lock';
import { createIndexInUse } from '../index-in-use';

/** The index by which all messages to a person are found, for an export or an erasure. */
export class MessagesOfAPerson1764900040000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const of = 'notifications (user_id, created_at DESC, id DESC)';
    await createIndexInUse(queryRunner, 'notifications_user_id_idx', of);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await waitBriefly(queryRunner);
    await queryRunner.query('DROP INDEX notifications_user_id_idx');
  }
}
