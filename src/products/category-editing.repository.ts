import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import { apart, slugOf } from './slug.queries';

/** A category as staff see it. */
export interface EditedCategory {
  id: string;
  name: string;
  slug: string;
  parentId: string | null;
  version: number;
}

interface Columns {
  id: string;
  name: string;
  slug: string;
  parent_id: string | null;
  version: number;
}

function toEdited(row: Columns): EditedCategory {
  return { id: row.id, name: row.name, slug: row.slug, parentId: row.parent_id, version: row.version };
}

/** Table: categories, as staff edit it; products that hang in them. */
@Injectable()
export class CategoryEditingRepository {
  /** Whoever changes the shape of the tree does it alone: two moves that are harmless each could make a ring. */
  async lockTree(tx: EntityManager): Promise<void> {
    await sql(tx, `SELECT pg_advisory_xact_lock(hashtextextended('categories', 0))`);
  }

  /** All of them: a shop has hundreds at most. */
  async all(executor: Executor): Promise<EditedCategory[]> {
    const rows = await sql<Columns>(
      executor,
      `SELECT id, name, slug, parent_id, version FROM categories ORDER BY name, id`,
    );
    return rows.map(toEdited);
  }

  /** By categories_pkey. */
  async find(executor: Executor, id: string): Promise<EditedCategory | null> {
    const [row] = await sql<Columns>(
      executor,
      `SELECT id, name, slug, parent_id, version FROM categories WHERE id = $1`,
      [id],
    );
    return row ? toEdited(row) : null;
  }

  /** The same, locked until the transaction ends. */
  async lock(tx: EntityManager, id: string): Promise<EditedCategory | null> {
    const [row] = await sql<Columns>(
      tx,
      `SELECT id, name, slug, parent_id, version FROM categories WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return row ? toEdited(row) : null;
  }

  /** The ids from this category up to its root, by categories_pkey; UNION ends even on a ring. */
  async lineage(tx: EntityManager, id: string): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      tx,
      `WITH RECURSIVE line AS (
         SELECT id, parent_id FROM categories WHERE id = $1
         UNION
         SELECT above.id, above.parent_id FROM categories above JOIN line ON above.id = line.parent_id
       )
       SELECT id FROM line`,
      [id],
    );
    return rows.map((row) => row.id);
  }

  /** How many levels hang below this category, by categories_parent_id_idx. */
  async height(tx: EntityManager, id: string): Promise<number> {
    const [row] = await sql<{ height: number }>(
      tx,
      `WITH RECURSIVE below AS (
         SELECT id, 0 AS depth FROM categories WHERE id = $1
         UNION
         SELECT child.id, below.depth + 1
         FROM categories child
         JOIN below ON child.parent_id = below.id
         WHERE below.depth < 100
       )
       SELECT max(depth)::int AS height FROM below`,
      [id],
    );
    return row?.height ?? 0;
  }

  /** Without a slug, one is made of the name. */
  async insert(
    tx: EntityManager,
    category: { id: string; name: string; slug: string | null; parentId: string | null },
  ): Promise<EditedCategory> {
    const [row] = await sql<Columns>(
      tx,
      `INSERT INTO categories (id, name, parent_id, slug)
       SELECT $1::uuid, $2::text, $3::uuid, coalesce($4::text, ${apart('made.slug', '$1', 'taken.slug IS NOT NULL')})
       FROM (SELECT ${slugOf('$2::text', '$1::text')} AS slug) AS made
       LEFT JOIN categories AS taken ON taken.slug = made.slug
       RETURNING id, name, slug, parent_id, version`,
      [category.id, category.name, category.parentId, category.slug],
    );
    if (!row) throw new Error('the category gave no row');
    return toEdited(row);
  }

  async update(tx: EntityManager, { id, name, slug, parentId }: Omit<EditedCategory, 'version'>): Promise<void> {
    await sql(tx, `UPDATE categories SET name = $2, slug = $3, parent_id = $4, version = version + 1 WHERE id = $1`, [
      id,
      name,
      slug,
      parentId,
    ]);
  }

  /** Foreign keys refuse one that has categories or products. */
  async delete(tx: EntityManager, id: string): Promise<void> {
    await sql(tx, `DELETE FROM categories WHERE id = $1`, [id]);
  }

  /** By products_category_id_idx. */
  async productIdsBelow(executor: Executor, id: string, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `WITH RECURSIVE tree AS (
         SELECT id FROM categories WHERE id = $1
         UNION
         SELECT child.id FROM categories child JOIN tree ON child.parent_id = tree.id
       )
       SELECT id
       FROM products
       WHERE category_id = ANY (ARRAY (SELECT id FROM tree)) AND ($2::uuid IS NULL OR id > $2)
       ORDER BY id
       LIMIT $3`,
      [id, after, limit],
    );
    return rows.map((row) => row.id);
  }
}
