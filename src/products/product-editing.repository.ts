import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toAmount, toMinorUnits } from '../common/money';
import type { Cursor } from '../common/pagination';
import { sql, type Executor } from '../database/sql';
import type { EditedFilter, EditedProduct, PriceChange, ProductFields } from './product-editing.types';

export interface EditedColumns {
  id: string;
  sku: string;
  slug: string;
  name: string;
  description: string;
  price: string;
  currency: string;
  category_id: string;
  category_name: string;
  image_url: string | null;
  attributes: Record<string, string>;
  version: number;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
}

interface PriceColumns {
  id: string;
  old_price: string | null;
  new_price: string;
  currency: string;
  actor_id: string | null;
  changed_at: Date;
}

export const EDITED_COLUMNS = `p.id, p.sku, p.slug, p.name, p.description, p.price, p.currency, p.category_id,
  c.name AS category_name, p.image_url, p.attributes, p.version, p.created_at, p.updated_at, p.deleted_at`;

export function toEdited(row: EditedColumns): EditedProduct {
  return {
    id: row.id,
    sku: row.sku,
    slug: row.slug,
    name: row.name,
    description: row.description,
    price: toMinorUnits(row.price),
    currency: row.currency,
    category: { id: row.category_id, name: row.category_name },
    imageUrl: row.image_url,
    attributes: row.attributes,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
  };
}

/** Tables: products, as staff edit it, and price_history. What customers read is in `products.repository.ts`. */
@Injectable()
export class ProductEditingRepository {
  /** By products_pkey. */
  async find(executor: Executor, id: string): Promise<EditedProduct | null> {
    const [row] = await sql<EditedColumns>(
      executor,
      `SELECT ${EDITED_COLUMNS} FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = $1`,
      [id],
    );
    return row ? toEdited(row) : null;
  }

  /** The same, locked until the transaction ends; not against those who only refer to it, as holds do. */
  async lock(tx: EntityManager, id: string): Promise<EditedProduct | null> {
    const [row] = await sql<EditedColumns>(
      tx,
      `SELECT ${EDITED_COLUMNS}
       FROM products p
       JOIN categories c ON c.id = p.category_id
       WHERE p.id = $1
       FOR NO KEY UPDATE OF p`,
      [id],
    );
    return row ? toEdited(row) : null;
  }

  /** Newest first, by products_created_at_idx. */
  async list(executor: Executor, filter: EditedFilter, after: Cursor | null, limit: number): Promise<EditedProduct[]> {
    const rows = await sql<EditedColumns>(
      executor,
      `SELECT ${EDITED_COLUMNS}
       FROM products p
       JOIN categories c ON c.id = p.category_id
       WHERE ($1::boolean IS NULL OR (p.deleted_at IS NOT NULL) = $1)
         AND ($2::uuid IS NULL OR p.category_id = $2)
         AND ($3::text IS NULL OR p.sku = $3)
         AND ($4::timestamptz IS NULL OR (p.created_at, p.id) < ($4::timestamptz, $5::uuid))
       ORDER BY p.created_at DESC, p.id DESC
       LIMIT $6`,
      [filter.deleted, filter.categoryId, filter.sku, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map(toEdited);
  }

  async update(tx: EntityManager, id: string, fields: ProductFields): Promise<void> {
    await sql(
      tx,
      `UPDATE products
       SET sku = $2, slug = $3, name = $4, description = $5, price = $6, category_id = $7, image_url = $8,
           attributes = $9, version = version + 1, updated_at = shop_now()
       WHERE id = $1`,
      [
        id,
        fields.sku,
        fields.slug,
        fields.name,
        fields.description,
        toAmount(fields.price),
        fields.categoryId,
        fields.imageUrl,
        JSON.stringify(fields.attributes),
      ],
    );
  }

  async setDeleted(tx: EntityManager, id: string, deleted: boolean): Promise<void> {
    await sql(
      tx,
      `UPDATE products
       SET deleted_at = CASE WHEN $2 THEN shop_now() END, version = version + 1, updated_at = shop_now()
       WHERE id = $1`,
      [id, deleted],
    );
  }

  async setImageUrl(tx: EntityManager, id: string, imageUrl: string | null): Promise<void> {
    await sql(tx, `UPDATE products SET image_url = $2, version = version + 1, updated_at = shop_now() WHERE id = $1`, [
      id,
      imageUrl,
    ]);
  }

  /** By product_images_place_key: those whose first image is one of `product_images`. */
  async withImages(executor: Executor, ids: readonly string[]): Promise<Set<string>> {
    const rows = await sql<{ product_id: string }>(
      executor,
      `SELECT DISTINCT product_id FROM product_images WHERE product_id = ANY($1::uuid[])`,
      [ids],
    );
    return new Set(rows.map((row) => row.product_id));
  }

  /** Tells the trigger of price_history who does what this transaction does. */
  async setActor(tx: EntityManager, actorId: string): Promise<void> {
    await sql(tx, `SELECT set_config('tradepost.actor_id', $1, true)`, [actorId]);
  }

  /** Newest first, by price_history_product_id_idx. */
  async prices(executor: Executor, productId: string, before: number | null, limit: number): Promise<PriceChange[]> {
    const rows = await sql<PriceColumns>(
      executor,
      `SELECT id, old_price, new_price, currency, actor_id, changed_at
       FROM price_history
       WHERE product_id = $1 AND ($2::bigint IS NULL OR id < $2)
       ORDER BY id DESC
       LIMIT $3`,
      [productId, before, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      oldPrice: row.old_price === null ? null : toMinorUnits(row.old_price),
      newPrice: toMinorUnits(row.new_price),
      currency: row.currency,
      actorId: row.actor_id,
      changedAt: row.changed_at,
    }));
  }

  /** Of the prices that were asked within the last days, the one they began with included. */
  async lowestPrice(executor: Executor, productId: string, days: number): Promise<number | null> {
    const [row] = await sql<{ lowest: string | null }>(
      executor,
      `SELECT min(price) AS lowest
       FROM (
         SELECT new_price AS price
         FROM price_history
         WHERE product_id = $1 AND changed_at > shop_now() - make_interval(days => $2)
         UNION ALL
         (SELECT new_price
          FROM price_history
          WHERE product_id = $1 AND changed_at <= shop_now() - make_interval(days => $2)
          ORDER BY id DESC
          LIMIT 1)
       ) AS asked`,
      [productId, days],
    );
    return row?.lowest ? toMinorUnits(row.lowest) : null;
  }
}
