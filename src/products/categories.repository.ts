import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import type { CategoryRecord, PlacedCategory } from './products.types';
import { apart, slugOf } from './slug.queries';

interface CategoryColumns {
  id: string;
  name: string;
  parent_id: string | null;
}

function toRecord(row: CategoryColumns): CategoryRecord {
  return { id: row.id, name: row.name, parentId: row.parent_id };
}

/** Tables: categories, category_counts. */
@Injectable()
export class CategoriesRepository {
  /** All of them, with how many products hang in each itself: a shop has hundreds at most. */
  async all(executor: Executor): Promise<PlacedCategory[]> {
    const rows = await sql<CategoryColumns & { slug: string; products: number }>(
      executor,
      `SELECT c.id, c.name, c.parent_id, c.slug, coalesce(counts.products, 0) AS products
       FROM categories c
       LEFT JOIN category_counts counts ON counts.category_id = c.id
       ORDER BY c.name, c.id`,
    );
    return rows.map((row) => ({ ...toRecord(row), slug: row.slug, products: row.products }));
  }

  /** By categories_pkey; it cannot be deleted before the transaction ends. */
  async lockAgainstDeletion(tx: EntityManager, id: string): Promise<CategoryRecord | null> {
    const [row] = await sql<CategoryColumns>(
      tx,
      `SELECT id, name, parent_id FROM categories WHERE id = $1 FOR KEY SHARE`,
      [id],
    );
    return row ? toRecord(row) : null;
  }

  /** Parents before or with their children; those already there are left as they are. */
  async insert(tx: EntityManager, categories: readonly CategoryRecord[]): Promise<void> {
    await sql(
      tx,
      `INSERT INTO categories (id, name, slug, parent_id)
       SELECT id, name, ${apart('slug', 'id', 'place > 1 OR taken')}, parent_id
       FROM (
         SELECT id, name, parent_id, slug, row_number() OVER (PARTITION BY slug ORDER BY id) AS place,
                EXISTS (SELECT 1 FROM categories other WHERE other.slug = made.slug AND other.id <> made.id) AS taken
         FROM (
           SELECT id, name, parent_id, ${slugOf('name', 'id::text')} AS slug
           FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS category(id, name, parent_id)
         ) AS made
       ) AS placed
       ON CONFLICT (id) DO NOTHING`,
      [
        categories.map((category) => category.id),
        categories.map((category) => category.name),
        categories.map((category) => category.parentId),
      ],
    );
  }
}
