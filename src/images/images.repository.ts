import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import type { ImageRecord } from './images.types';

interface Columns {
  id: string;
  product_id: string;
  url: string;
  alt: string;
  width: number | null;
  height: number | null;
  position: number;
}

const COLUMNS = 'id, product_id, url, alt, width, height, position';
const FILES_LOCK = `hashtextextended('images', 0)`;

function toRecord(row: Columns): ImageRecord {
  const { id, url, alt, width, height, position } = row;
  return { id, productId: row.product_id, url, alt, width, height, position };
}

/** Table: product_images. */
@Injectable()
export class ImagesRepository {
  /** In their order, by product_images_place_key. */
  async of(executor: Executor, productId: string): Promise<ImageRecord[]> {
    const rows = await sql<Columns>(
      executor,
      `SELECT ${COLUMNS} FROM product_images WHERE product_id = $1 ORDER BY position`,
      [productId],
    );
    return rows.map(toRecord);
  }

  async insert(tx: EntityManager, image: ImageRecord): Promise<void> {
    await sql(
      tx,
      `INSERT INTO product_images (id, product_id, url, alt, width, height, position)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [image.id, image.productId, image.url, image.alt, image.width, image.height, image.position],
    );
  }

  async setAlt(tx: EntityManager, id: string, alt: string): Promise<void> {
    await sql(tx, `UPDATE product_images SET alt = $2 WHERE id = $1`, [id, alt]);
  }

  /** One statement: the places are compared when it ends. */
  async reorder(tx: EntityManager, ids: readonly string[]): Promise<void> {
    await sql(
      tx,
      `UPDATE product_images
       SET position = place - 1
       FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted(id, place)
       WHERE product_images.id = wanted.id`,
      [ids],
    );
  }

  async delete(tx: EntityManager, id: string): Promise<void> {
    await sql(tx, `DELETE FROM product_images WHERE id = $1`, [id]);
  }

  /** Until the transaction ends no file is swept. */
  async keepFiles(tx: EntityManager): Promise<void> {
    await sql(tx, `SELECT pg_advisory_xact_lock_shared(${FILES_LOCK})`);
  }

  /** Until the transaction ends no file gets a row. */
  async holdUploads(tx: EntityManager): Promise<void> {
    await sql(tx, `SELECT pg_advisory_xact_lock(${FILES_LOCK})`);
  }

  /** Which of these hashes some address still has; the sweeper's question, rare enough for a walk through the tables. */
  async referred(executor: Executor, hashes: readonly string[]): Promise<Set<string>> {
    const rows = await sql<{ hash: string }>(
      executor,
      `SELECT DISTINCT hash
       FROM (
         SELECT substring(url FROM '^/images/[0-9a-f]{2}/([0-9a-f]{32})-') AS hash FROM product_images
         UNION ALL
         SELECT substring(image_url FROM '^/images/[0-9a-f]{2}/([0-9a-f]{32})-') FROM products
         WHERE image_url LIKE '/images/%'
       ) AS addresses
       WHERE hash = ANY($1::text[])`,
      [hashes],
    );
    return new Set(rows.map((row) => row.hash));
  }
}
