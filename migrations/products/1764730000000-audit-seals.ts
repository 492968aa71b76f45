import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AUDIT_SEALS_DOWN, AUDIT_SEALS_UP } from '../audit-seals';

/** What staff did can not be changed afterwards without a trace: each entry is sealed with the one before. */
export class AuditSeals1764730000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of AUDIT_SEALS_UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of AUDIT_SEALS_DOWN) await queryRunner.query(statement);
  }
}
