import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SHARED_TABLES_DOWN, SHARED_TABLES_UP } from '../shared-tables';

/** Categories, products, stock with its ledger, checkouts and what they hold. */
export class Catalogue1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of SHARED_TABLES_UP) await queryRunner.query(statement);

    await queryRunner.query(`CREATE TABLE categories (
      id        uuid NOT NULL,
      name      varchar(255) NOT NULL,
      parent_id uuid,
      CONSTRAINT categories_pkey PRIMARY KEY (id),
      CONSTRAINT categories_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES categories (id)
    )`);
    await queryRunner.query(`CREATE INDEX categories_parent_id_idx ON categories (parent_id)`);

    await queryRunner.query(`CREATE TABLE products (
      id          uuid NOT NULL,
      name        varchar(255) NOT NULL,
      description text NOT NULL DEFAULT '',
      price       numeric(10,2) NOT NULL,
      currency    char(3) NOT NULL DEFAULT 'USD',
      sku         varchar(100) NOT NULL,
      category_id uuid NOT NULL,
      image_url   varchar(500),
      version     integer NOT NULL DEFAULT 1,
      created_at  timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at  timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT products_pkey PRIMARY KEY (id),
      CONSTRAINT products_sku_key UNIQUE (sku),
      CONSTRAINT products_price_check CHECK (price >= 0),
      CONSTRAINT products_category_id_fkey FOREIGN KEY (category_id) REFERENCES categories (id)
    )`);
    await queryRunner.query(`CREATE INDEX products_name_idx ON products (name, id)`);
    await queryRunner.query(`CREATE INDEX products_price_idx ON products (price, id)`);
    await queryRunner.query(`CREATE INDEX products_created_at_idx ON products (created_at, id)`);
    await queryRunner.query(`CREATE INDEX products_category_id_idx ON products (category_id, name, id)`);
    await queryRunner.query(`CREATE INDEX products_search_idx ON products USING gin (
      (setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('simple', sku), 'A')
        || setweight(to_tsvector('english', description), 'C'))
    )`);

    await queryRunner.query(`CREATE TABLE inventory (
      product_id        uuid NOT NULL,
      warehouse_id      uuid NOT NULL,
      quantity          integer NOT NULL,
      reserved_quantity integer NOT NULL DEFAULT 0,
      low_stock         boolean NOT NULL DEFAULT true,
      version           integer NOT NULL DEFAULT 1,
      updated_at        timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT inventory_pkey PRIMARY KEY (product_id),
      CONSTRAINT inventory_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id),
      CONSTRAINT inventory_never_oversold_check CHECK (reserved_quantity >= 0 AND reserved_quantity <= quantity)
    )`);

    await queryRunner.query(`CREATE TABLE checkouts (
      id                  uuid NOT NULL,
      user_id             uuid NOT NULL,
      order_id            uuid NOT NULL,
      cart_id             uuid NOT NULL,
      cart_version        integer NOT NULL,
      status              varchar(20) NOT NULL DEFAULT 'held',
      lines               json NOT NULL,
      currency            char(3) NOT NULL DEFAULT 'USD',
      subtotal_amount     numeric(10,2) NOT NULL,
      discount_amount     numeric(10,2) NOT NULL DEFAULT 0,
      shipping_amount     numeric(10,2) NOT NULL DEFAULT 0,
      tax_amount          numeric(10,2) NOT NULL DEFAULT 0,
      total_amount        numeric(10,2) NOT NULL,
      shipping_address_id uuid NOT NULL,
      shipping_address    json NOT NULL,
      shipping_method     varchar(50) NOT NULL,
      expires_at          timestamptz(3) NOT NULL,
      claimed_at          timestamptz(3),
      created_at          timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at          timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT checkouts_pkey PRIMARY KEY (id),
      CONSTRAINT checkouts_order_id_key UNIQUE (order_id),
      CONSTRAINT checkouts_status_check
        CHECK (status IN ('held', 'claimed', 'expired', 'released'))
    )`);
    await queryRunner.query(`CREATE UNIQUE INDEX checkouts_one_held_idx ON checkouts (user_id) WHERE status = 'held'`);
    await queryRunner.query(`CREATE INDEX checkouts_expiring_idx ON checkouts (expires_at) WHERE status = 'held'`);

    await queryRunner.query(`CREATE TABLE reservations (
      id           uuid NOT NULL,
      checkout_id  uuid NOT NULL,
      order_id     uuid NOT NULL,
      product_id   uuid NOT NULL,
      warehouse_id uuid NOT NULL,
      quantity     integer NOT NULL,
      status       varchar(20) NOT NULL DEFAULT 'held',
      expires_at   timestamptz(3) NOT NULL,
      created_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      updated_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT reservations_pkey PRIMARY KEY (id),
      CONSTRAINT reservations_line_key UNIQUE (checkout_id, product_id),
      CONSTRAINT reservations_quantity_check CHECK (quantity > 0),
      CONSTRAINT reservations_status_check
        CHECK (status IN ('held', 'claimed', 'expired', 'released', 'committed', 'restocked')),
      CONSTRAINT reservations_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id)
    )`);
    await queryRunner.query(
      `CREATE INDEX reservations_live_idx ON reservations (product_id) WHERE status IN ('held', 'claimed')`,
    );
    await queryRunner.query(
      `CREATE INDEX reservations_claimed_idx ON reservations (updated_at) WHERE status = 'claimed'`,
    );

    await queryRunner.query(`CREATE TABLE stock_movements (
      id           bigint GENERATED ALWAYS AS IDENTITY,
      product_id   uuid NOT NULL,
      warehouse_id uuid NOT NULL,
      delta        integer NOT NULL,
      cause        varchar(20) NOT NULL,
      order_id     uuid,
      actor_id     uuid,
      reason       varchar(255),
      created_at   timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT stock_movements_pkey PRIMARY KEY (id),
      CONSTRAINT stock_movements_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id),
      CONSTRAINT stock_movements_cause_check CHECK (cause IN ('order', 'restock', 'admin', 'import', 'correction'))
    )`);
    await queryRunner.query(`CREATE INDEX stock_movements_product_id_idx ON stock_movements (product_id, id)`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX stock_movements_once_an_order_idx ON stock_movements (order_id, product_id, cause)
       WHERE order_id IS NOT NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const tables = ['stock_movements', 'reservations', 'checkouts', 'inventory', 'products', 'categories'];
    for (const table of tables) await queryRunner.query(`DROP TABLE ${table}`);
    for (const statement of SHARED_TABLES_DOWN) await queryRunner.query(statement);
  }
}
