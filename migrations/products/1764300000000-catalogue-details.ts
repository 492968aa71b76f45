import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The words of a name as an address has them, of ASCII letters and digits; never empty. */
const SLUG_OF = (name: string, otherwise: string): string =>
  `coalesce(nullif(trim(BOTH '-' FROM regexp_replace(lower(extensions.unaccent(${name})), '[^a-z0-9]+', '-', 'g')), ''), ${otherwise})`;

/** Names that slug alike keep theirs apart by the end of their id. */
const fillSlugs = (table: string): string => `
  UPDATE ${table}
  SET slug = left(named.slug, 240) || CASE WHEN named.place > 1 THEN '-' || right(named.id::text, 12) ELSE '' END
  FROM (
    SELECT id, slug, row_number() OVER (PARTITION BY left(slug, 240) ORDER BY id) AS place
    FROM (SELECT id, ${SLUG_OF('name', 'id::text')} AS slug FROM ${table}) AS slugs
  ) AS named
  WHERE ${table}.id = named.id`;

/** What a page of the shop shows beyond name and price: addresses, attributes, images; and products taken off sale. */
export class CatalogueDetails1764300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Trusted extensions: the owner of the database may create them. In a schema of their own, whatever the search path;
    // they stay on the way down, as others may use them.
    await queryRunner.query(`CREATE SCHEMA IF NOT EXISTS extensions`);
    await queryRunner.query(`GRANT USAGE ON SCHEMA extensions TO PUBLIC`);
    for (const extension of ['unaccent', 'pg_trgm']) {
      await queryRunner.query(`CREATE EXTENSION IF NOT EXISTS ${extension} SCHEMA extensions`);
    }

    await queryRunner.query(`ALTER TABLE products
      ADD COLUMN slug varchar(255),
      ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}',
      ADD COLUMN deleted_at timestamptz(3)`);
    await queryRunner.query(fillSlugs('products'));
    await queryRunner.query(`ALTER TABLE products
      ALTER COLUMN slug SET DEFAULT gen_random_uuid(),
      ALTER COLUMN slug SET NOT NULL,
      ADD CONSTRAINT products_slug_key UNIQUE (slug)`);

    await queryRunner.query(`ALTER TABLE categories ADD COLUMN slug varchar(255)`);
    await queryRunner.query(fillSlugs('categories'));
    await queryRunner.query(`ALTER TABLE categories
      ALTER COLUMN slug SET DEFAULT gen_random_uuid(),
      ALTER COLUMN slug SET NOT NULL,
      ADD COLUMN version integer NOT NULL DEFAULT 1,
      ADD CONSTRAINT categories_slug_key UNIQUE (slug)`);

    await queryRunner.query(`CREATE TABLE product_images (
      id         uuid NOT NULL,
      product_id uuid NOT NULL,
      url        varchar(500) NOT NULL,
      alt        varchar(255) NOT NULL DEFAULT '',
      width      integer,
      height     integer,
      position   smallint NOT NULL,
      created_at timestamptz(3) NOT NULL DEFAULT shop_now(),
      CONSTRAINT product_images_pkey PRIMARY KEY (id),
      CONSTRAINT product_images_place_key UNIQUE (product_id, position) DEFERRABLE INITIALLY IMMEDIATE,
      CONSTRAINT product_images_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id)
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE product_images`);
    await queryRunner.query(`ALTER TABLE categories DROP COLUMN version, DROP COLUMN slug`);
    await queryRunner.query(`ALTER TABLE products DROP COLUMN deleted_at, DROP COLUMN attributes, DROP COLUMN slug`);
  }
}
