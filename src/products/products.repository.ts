import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toAmount, toMinorUnits } from '../common/money';
import { sql, type Executor } from '../database/sql';
import { LIST_ALL, LIST_CATEGORY, PRODUCT_COLUMNS, SEARCH_FILTERS, SEARCH_WORDS } from './catalogue.queries';
import type {
  NewProduct,
  Paging,
  ProductFilter,
  ProductRecord,
  ProductRecords,
  ProductSort,
  SearchSort,
} from './products.types';

interface ProductColumns {
  id: string;
  sku: string;
  name: string;
  description: string;
  price: string;
  currency: string;
  category_id: string;
  category_name: string;
  image_url: string | null;
  created_at: Date;
}

/** A page's row; all columns but the total are null when the page is beyond the end. */
type PageColumns = ProductColumns & { total: number };

interface PricedColumns {
  id: string;
  sku: string;
  name: string;
  price: string;
}

export interface PricedProduct {
  id: string;
  sku: string;
  name: string;
  /** Minor units. */
  unitPrice: number;
}

/** A product as the cart shows it: at today's price, with what is left. */
export interface ProductCard extends PricedProduct {
  available: number;
}

const ENDS_IN_A_WORD = /(^|\s)([\p{L}\p{N}]{2,})$/u;

/** People search while they type: the last word may be a beginning. Not so after a minus or a quote. */
function splitLastWord(text: string): { head: string; prefix: string } {
  const last = ENDS_IN_A_WORD.exec(text)?.[2];
  return last === undefined ? { head: text, prefix: '' } : { head: text.slice(0, -last.length), prefix: `${last}:*` };
}

function toRecord(row: ProductColumns): ProductRecord {
  return {
    id: row.id,
    sku: row.sku,
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

function amountOrNull(minorUnits: number | null): string | null {
  return minorUnits === null ? null : toAmount(minorUnits);
}

/** Tables: products, with their category's name. */
@Injectable()
export class ProductsRepository {
  /** By products_pkey. */
  async find(executor: Executor, id: string): Promise<ProductRecord | null> {
    const [row] = await sql<ProductColumns>(
      executor,
      `SELECT ${PRODUCT_COLUMNS} FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = $1`,
      [id],
    );
    return row ? toRecord(row) : null;
  }

  /** By products_pkey; only those that exist, in no order. */
  async priced(executor: Executor, ids: readonly string[]): Promise<PricedProduct[]> {
    const rows = await sql<PricedColumns>(
      executor,
      `SELECT id, sku, name, price FROM products WHERE id = ANY($1::uuid[])`,
      [ids],
    );
    return rows.map(({ id, sku, name, price }) => ({ id, sku, name, unitPrice: toMinorUnits(price) }));
  }

  /** The same with what is left of each, by products_pkey and inventory_pkey; without a stock row nothing is. */
  async cards(executor: Executor, ids: readonly string[]): Promise<ProductCard[]> {
    const rows = await sql<PricedColumns & { available: number }>(
      executor,
      `SELECT p.id, p.sku, p.name, p.price, coalesce(i.quantity - i.reserved_quantity, 0) AS available
       FROM products p
       LEFT JOIN inventory i ON i.product_id = p.id
       WHERE p.id = ANY($1::uuid[])`,
      [ids],
    );
    return rows.map(({ id, sku, name, price, available }) => {
      return { id, sku, name, unitPrice: toMinorUnits(price), available };
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

  async search(
    executor: Executor,
    filter: ProductFilter,
    sort: SearchSort,
    { page, pageSize }: Paging,
  ): Promise<ProductRecords> {
    const limits = [
      pageSize,
      (page - 1) * pageSize,
      amountOrNull(filter.minPrice),
      amountOrNull(filter.maxPrice),
      filter.categoryId,
      filter.inStock,
    ];
    if (filter.text === null) return toRecords(await sql<PageColumns>(executor, SEARCH_FILTERS[sort], limits));
    const { head, prefix } = splitLastWord(filter.text);
    return toRecords(await sql<PageColumns>(executor, SEARCH_WORDS[sort], [...limits, filter.text, head, prefix]));
  }

  /** Gives the SKUs that were free, and when their products were made; the others are left as they are. */
  async insert(tx: EntityManager, products: readonly NewProduct[]): Promise<Map<string, Date>> {
    const rows = await sql<{ sku: string; created_at: Date }>(
      tx,
      `INSERT INTO products (id, sku, name, description, price, category_id, image_url)
       SELECT id, sku, name, description, price, category_id, image_url
       FROM json_to_recordset($1::json) AS product(
         id uuid, sku text, name text, description text, price numeric, category_id uuid, image_url text)
       ON CONFLICT (sku) DO NOTHING
       RETURNING sku, created_at`,
      [
        JSON.stringify(
          products.map((product) => ({
            id: product.id,
            sku: product.sku,
            name: product.name,
            description: product.description,
            price: toAmount(product.price),
            category_id: product.categoryId,
            image_url: product.imageUrl,
          })),
        ),
      ],
    );
    return new Map(rows.map((row) => [row.sku, row.created_at]));
  }
}
