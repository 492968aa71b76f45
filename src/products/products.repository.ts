import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toAmount, toMinorUnits } from '../common/money';
import { sql, type Executor } from '../database/sql';
import { FIND_DETAIL, LIST_ALL, LIST_CATEGORY, RELATED } from './catalogue.queries';
import type {
  Breadcrumb,
  NewProduct,
  Paging,
  ProductDetail,
  ProductImageRecord,
  ProductRecord,
  ProductRecords,
  ProductSort,
} from './products.types';
import { apart, slugOf } from './slug.queries';

interface ProductColumns {
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
  created_at: Date;
}

interface DetailColumns extends ProductColumns {
  attributes: Record<string, string>;
  images: ProductImageRecord[];
  breadcrumbs: Breadcrumb[];
}

/** A page's row; all columns but the total are null when the page is beyond the end. */
type PageColumns = ProductColumns & { total: number };

interface CardColumns {
  id: string;
  sku: string;
  name: string;
  price: string;
  available: number;
  on_sale: boolean;
}

/** A product as a cart or a checkout takes it: at today's price, with what is left. Off sale, as it last was. */
export interface ProductCard {
  id: string;
  sku: string;
  name: string;
  /** Minor units. */
  unitPrice: number;
  available: number;
  onSale: boolean;
}

function toRecord(row: ProductColumns): ProductRecord {
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
    createdAt: row.created_at.toISOString(),
  };
}

function toRecords(rows: (PageColumns | { id: null; total: number })[]): ProductRecords {
  return {
    items: rows.flatMap((row) => (row.id === null ? [] : [toRecord(row)])),
    total: rows[0]?.total ?? 0,
  };
}

const SLUG = slugOf('name', 'id::text');

/** Names that slug alike keep theirs apart by the end of their id. */
const insertWith = (slug: string, conflict: string): string => `
  INSERT INTO products (id, sku, slug, name, description, price, category_id, image_url, attributes)
  SELECT id, sku, ${slug}, name, description, price, category_id, image_url, coalesce(attributes, '{}')
  FROM json_to_recordset($1::json) AS product(
    id uuid, sku text, name text, description text, price numeric, category_id uuid, image_url text, attributes jsonb)
  ON CONFLICT ${conflict} DO NOTHING
  RETURNING sku`;
const INSERT = insertWith(SLUG, '');
const INSERT_APART = insertWith(apart(SLUG, 'id', 'true'), '(sku)');

/** Tables: products, with their category's name. */
@Injectable()
export class ProductsRepository {
  /** Null of one that is off sale. */
  async find(executor: Executor, id: string): Promise<ProductDetail | null> {
    const [row] = await sql<DetailColumns>(executor, FIND_DETAIL, [id]);
    if (!row) return null;
    return { ...toRecord(row), attributes: row.attributes, images: row.images, breadcrumbs: row.breadcrumbs };
  }

  /** By products_slug_key. */
  async idOf(executor: Executor, slug: string): Promise<string | null> {
    const [row] = await sql<{ id: string }>(
      executor,
      `SELECT id FROM products WHERE slug = $1 AND deleted_at IS NULL`,
      [slug],
    );
    return row?.id ?? null;
  }

  /** The nearest in price of its category. */
  async related(executor: Executor, id: string, limit: number): Promise<ProductRecord[]> {
    return (await sql<ProductColumns>(executor, RELATED, [id, limit])).map(toRecord);
  }

  /** In no order. By products_pkey and inventory_pkey. */
  async cards(executor: Executor, ids: readonly string[]): Promise<ProductCard[]> {
    const rows = await sql<CardColumns>(
      executor,
      `SELECT p.id, p.sku, p.name, p.price, coalesce(i.quantity - i.reserved_quantity, 0) AS available,
              p.deleted_at IS NULL AS on_sale
       FROM products p
       LEFT JOIN inventory i ON i.product_id = p.id
       WHERE p.id = ANY($1::uuid[])`,
      [ids],
    );
    return rows.map(({ id, sku, name, price, available, on_sale: onSale }) => {
      return { id, sku, name, unitPrice: toMinorUnits(price), available, onSale };
    });
  }

  async list(
    executor: Executor,
    categoryId: string | null,
    sort: ProductSort,
    { page, pageSize }: Paging,
  ): Promise<ProductRecords> {
    const slice = [pageSize, (page - 1) * pageSize];
    if (categoryId === null) return toRecords(await sql<PageColumns>(executor, LIST_ALL[sort], slice));
    return toRecords(await sql<PageColumns>(executor, LIST_CATEGORY[sort], [...slice, categoryId]));
  }

  /** Gives the SKUs that were free; the others are left as they are. */
  async insert(tx: EntityManager, products: readonly NewProduct[]): Promise<Set<string>> {
    const inserted = new Set<string>();
    // Waits for whoever takes the same address at the same time, so the second one finds it taken.
    for (const text of [INSERT, INSERT_APART]) {
      const left = products.filter((product) => !inserted.has(product.sku));
      if (left.length === 0) break;
      const rows = await sql<{ sku: string }>(tx, text, [
        JSON.stringify(
          left.map((product) => ({
            id: product.id,
            sku: product.sku,
            name: product.name,
            description: product.description,
            price: toAmount(product.price),
            category_id: product.categoryId,
            image_url: product.imageUrl,
            attributes: product.attributes ?? {},
          })),
        ),
      ]);
      for (const { sku } of rows) inserted.add(sku);
    }
    return inserted;
  }
}
