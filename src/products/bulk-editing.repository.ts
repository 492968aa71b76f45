import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toAmount, toMinorUnits } from '../common/money';
import { sql, type Executor } from '../database/sql';
import { EDITED_COLUMNS, toEdited, type EditedColumns } from './product-editing.repository';
import type { EditedProduct, ProductFields } from './product-editing.types';

/** A product of a file; its address is made of its name. */
export type BulkProduct = Omit<ProductFields, 'slug'> & { id: string };

const toRows = (products: readonly BulkProduct[]): string =>
  JSON.stringify(
    products.map((product) => ({
      id: product.id,
      sku: product.sku,
      name: product.name,
      description: product.description,
      price: toAmount(product.price),
      category_id: product.categoryId,
      image_url: product.imageUrl,
      attributes: product.attributes,
    })),
  );

interface ExportedColumns {
  id: string;
  sku: string;
  name: string;
  description: string;
  price: string;
  currency: string;
  category_slug: string;
  image_url: string | null;
  attributes: Record<string, string>;
  quantity: number | null;
}

/** A product as a file has it. */
export interface ExportedProduct {
  id: string;
  sku: string;
  name: string;
  description: string;
  /** Minor units. */
  price: number;
  currency: string;
  categorySlug: string;
  imageUrl: string | null;
  attributes: Readonly<Record<string, string>>;
  /** On hand; null without a stock row. */
  quantity: number | null;
}

/** Table: products, many at once; for files with their stock. */
@Injectable()
export class BulkEditingRepository {
  /** Those on sale after this id, by products_pkey and inventory_pkey. */
  async page(executor: Executor, afterId: string, limit: number): Promise<ExportedProduct[]> {
    const rows = await sql<ExportedColumns>(
      executor,
      `SELECT p.id, p.sku, p.name, p.description, p.price, p.currency, c.slug AS category_slug, p.image_url,
              p.attributes, i.quantity
       FROM products p
       JOIN categories c ON c.id = p.category_id
       LEFT JOIN inventory i ON i.product_id = p.id
       WHERE p.id > $1 AND p.deleted_at IS NULL
       ORDER BY p.id
       LIMIT $2`,
      [afterId, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      sku: row.sku,
      name: row.name,
      description: row.description,
      price: toMinorUnits(row.price),
      currency: row.currency,
      categorySlug: row.category_slug,
      imageUrl: row.image_url,
      attributes: row.attributes,
      quantity: row.quantity,
    }));
  }

  /** Every name that some product on sale has; a walk through them all, for a file of them all. */
  async attributeNames(executor: Executor): Promise<string[]> {
    const rows = await sql<{ name: string }>(
      executor,
      `SELECT DISTINCT jsonb_object_keys(attributes) AS name FROM products WHERE deleted_at IS NULL ORDER BY name`,
    );
    return rows.map((row) => row.name);
  }

  /** By products_sku_key, in the order of the ids; locked until the transaction ends, but not for those who refer to it. */
  async lockBySku(tx: EntityManager, skus: readonly string[]): Promise<EditedProduct[]> {
    const rows = await sql<EditedColumns>(
      tx,
      `SELECT ${EDITED_COLUMNS}
       FROM products p
       JOIN categories c ON c.id = p.category_id
       WHERE p.sku = ANY($1::text[])
       ORDER BY p.id
       FOR NO KEY UPDATE OF p`,
      [skus],
    );
    return rows.map(toEdited);
  }

  async update(tx: EntityManager, products: readonly BulkProduct[]): Promise<void> {
    await sql(
      tx,
      `UPDATE products
       SET name = product.name, description = product.description, price = product.price,
           category_id = product.category_id, image_url = product.image_url, attributes = product.attributes,
           version = products.version + 1, updated_at = shop_now()
       FROM json_to_recordset($1::json) AS product(
         id uuid, name text, description text, price numeric, category_id uuid, image_url text, attributes jsonb)
       WHERE products.id = product.id`,
      [toRows(products)],
    );
  }
}
