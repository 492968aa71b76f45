import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendOnly, REFUSE_TO_CHANGE } from '../append-only';
import { AUDIT_TABLE_DOWN, AUDIT_TABLE_UP } from '../audit-table';

const TOLD_CHECK = (imported: string): string => `ALTER TABLE stock_movements
  ADD CONSTRAINT stock_movements_told_check CHECK (
    CASE cause
      WHEN 'order' THEN delta < 0 AND order_id IS NOT NULL
      WHEN 'restock' THEN delta > 0 AND order_id IS NOT NULL
      WHEN 'import' THEN ${imported} AND order_id IS NULL
      WHEN 'admin' THEN actor_id IS NOT NULL AND order_id IS NULL
      ELSE reason IS NOT NULL AND order_id IS NULL
    END
  )`;

/** What staff do to the catalogue is told for ever: an audit trail, and each price a product ever had. */
export class CatalogueAdmin1764500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(REFUSE_TO_CHANGE);
    for (const statement of [...AUDIT_TABLE_UP, ...appendOnly('audit_log')]) await queryRunner.query(statement);

    await queryRunner.query(`CREATE TABLE price_history (
      id         bigint GENERATED ALWAYS AS IDENTITY,
      product_id uuid NOT NULL,
      old_price  numeric(10,2),
      new_price  numeric(10,2) NOT NULL,
      currency   char(3) NOT NULL,
      actor_id   uuid,
      changed_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT price_history_pkey PRIMARY KEY (id),
      CONSTRAINT price_history_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id)
    )`);
    await queryRunner.query(`CREATE INDEX price_history_product_id_idx ON price_history (product_id, id)`);
    await queryRunner.query(`INSERT INTO price_history (product_id, new_price, currency, changed_at)
      SELECT id, price, currency, created_at FROM products ORDER BY created_at, id`);
    for (const statement of appendOnly('price_history')) await queryRunner.query(statement);

    // By trigger: whoever changes a price, with whatever statement, leaves its row.
    await queryRunner.query(`CREATE FUNCTION tell_price() RETURNS trigger
      LANGUAGE plpgsql
      AS $$
      BEGIN
        INSERT INTO price_history (product_id, old_price, new_price, currency, actor_id)
        VALUES (NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.price END, NEW.price, NEW.currency,
                nullif(current_setting('tradepost.actor_id', true), '')::uuid);
        RETURN NULL;
      END
      $$`);
    await queryRunner.query(`CREATE TRIGGER products_tell_first_price AFTER INSERT ON products
      FOR EACH ROW EXECUTE FUNCTION tell_price()`);
    await queryRunner.query(`CREATE TRIGGER products_tell_price AFTER UPDATE OF price, currency ON products
      FOR EACH ROW WHEN (OLD.price <> NEW.price OR OLD.currency <> NEW.currency) EXECUTE FUNCTION tell_price()`);

    // An import sets what is on hand: it may be less than before, and then someone answers for it.
    await queryRunner.query(`ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_told_check`);
    await queryRunner.query(TOLD_CHECK('(delta > 0 OR actor_id IS NOT NULL)'));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_told_check`);
    await queryRunner.query(TOLD_CHECK('delta > 0'));
    await queryRunner.query(`DROP TRIGGER products_tell_price ON products`);
    await queryRunner.query(`DROP TRIGGER products_tell_first_price ON products`);
    await queryRunner.query(`DROP FUNCTION tell_price()`);
    await queryRunner.query(`DROP TABLE price_history`);
    for (const statement of AUDIT_TABLE_DOWN) await queryRunner.query(statement);
    await queryRunner.query(`DROP FUNCTION refuse_to_change_what_is_told()`);
  }
}
