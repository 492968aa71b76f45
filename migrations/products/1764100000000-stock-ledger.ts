import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For each role beside the owner that may read the ledger. */
const forEachReader = (statement: string): string => `
  DO $$
  DECLARE reader name;
  BEGIN
    FOR reader IN
      SELECT DISTINCT rolname
      FROM pg_class
      CROSS JOIN LATERAL aclexplode(relacl) AS granted
      JOIN pg_roles ON pg_roles.oid = granted.grantee
      WHERE pg_class.oid = 'stock_movements'::regclass AND pg_roles.oid <> relowner
    LOOP
      EXECUTE format('${statement}', reader);
    END LOOP;
  END $$`;

/** The ledger of stock is only ever added to, each row says what led to it, and the database sees to both. */
export class StockLedger1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_delta_check CHECK (delta <> 0)`,
    );
    await queryRunner.query(`ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_told_check CHECK (
      CASE cause
        WHEN 'order' THEN delta < 0 AND order_id IS NOT NULL
        WHEN 'restock' THEN delta > 0 AND order_id IS NOT NULL
        WHEN 'import' THEN delta > 0 AND order_id IS NULL
        WHEN 'admin' THEN actor_id IS NOT NULL AND order_id IS NULL
        ELSE reason IS NOT NULL AND order_id IS NULL
      END
    )`);

    await queryRunner.query(`CREATE FUNCTION refuse_to_change_the_ledger() RETURNS trigger
      LANGUAGE plpgsql
      AS $$
      BEGIN
        RAISE EXCEPTION 'stock_movements is only added to: correct it by another movement'
          USING ERRCODE = 'restrict_violation';
      END
      $$`);
    // A statement that would change no row is refused as well: it was not meant to be there.
    await queryRunner.query(`CREATE TRIGGER stock_movements_append_only
      BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_ledger()`);
    // The app's role never comes as far as the trigger: that is for the owner and for people.
    await queryRunner.query(forEachReader('REVOKE UPDATE, DELETE ON stock_movements FROM %I'));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(forEachReader('GRANT UPDATE, DELETE ON stock_movements TO %I'));
    await queryRunner.query(`DROP TRIGGER stock_movements_append_only ON stock_movements`);
    await queryRunner.query(`DROP FUNCTION refuse_to_change_the_ledger()`);
    await queryRunner.query(`ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_told_check`);
    await queryRunner.query(`ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_delta_check`);
  }
}
