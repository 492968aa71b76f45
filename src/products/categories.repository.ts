import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import type { CategoryRecord } from './products.types';

interface CategoryColumns {
  id: string;
  name: string;
  parent_id: string | null;
}

function toRecord(row: CategoryColumns): CategoryRecord {
  return { id: row.id, name: row.name, parentId: row.parent_id };
}

/** Table: categories. */
@Injectable()
export class CategoriesRepository {
  /** All of them: a shop has hundreds at most. */
  async all(executor: Executor): Promise<CategoryRecord[]> {
    const rows = await sql<CategoryColumns>(executor, `SELECT id, name, parent_id FROM categories ORDER BY name, id`);
    return rows.map(toRecord);
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
      `INSERT INTO categories (id, name, parent_id)
       SELECT id, name, parent_id
       FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS category(id, name, parent_id)
       ON CONFLICT (id) DO NOTHING`,
      [
        categories.map((category) => category.id),
        categories.map((category) => category.name),
        categories.map((category) => category.parentId),
      ],
    );
  }
}
