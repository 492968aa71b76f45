import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../../database/sql';

/** One event as it stands in the outbox. */
export interface OutboxRecord {
  position: string;
  event_id: string;
  topic: string;
  key: string;
  type: string;
  subject: string;
  order_id: string | null;
  causation_id: string | null;
  traceparent: string;
  schema_version: number;
  /** JSON, as it was written. */
  data: string;
  occurred_at: Date;
}

/** What waits to be published. */
export interface Backlog {
  events: number;
  /** Age of the oldest, 0 when nothing waits. */
  oldestSeconds: number;
}

/** The outbox of one database, as its relay sees it. */
export class OutboxRepository {
  /** What is unpublished, oldest first: never `position > last`, which would skip a lower one that commits later. */
  unpublished(executor: Executor, limit: number): Promise<OutboxRecord[]> {
    return sql<OutboxRecord>(
      executor,
      `SELECT position, event_id, topic, key, type, subject, order_id, causation_id, traceparent, schema_version,
              data::text AS data, occurred_at
       FROM outbox
       WHERE published_at IS NULL
       ORDER BY position
       LIMIT $1`,
      [limit],
    );
  }

  async markPublished(executor: Executor, positions: readonly string[]): Promise<void> {
    await sql(executor, `UPDATE outbox SET published_at = shop_now() WHERE position = ANY($1::bigint[])`, [positions]);
  }

  /** By outbox_unpublished_idx alone but for one row: it may be asked while hours of events wait. */
  async backlog(executor: Executor): Promise<Backlog> {
    const [row] = await sql<{ events: number; oldest_seconds: number | null }>(
      executor,
      `SELECT (SELECT count(*)::int FROM outbox WHERE published_at IS NULL) AS events,
              (SELECT extract(epoch FROM shop_now() - occurred_at)::float8
               FROM outbox
               WHERE published_at IS NULL
               ORDER BY position
               LIMIT 1) AS oldest_seconds`,
    );
    return { events: row?.events ?? 0, oldestSeconds: Math.max(0, row?.oldest_seconds ?? 0) };
  }

  async now(executor: Executor): Promise<Date> {
    const [row] = await sql<{ now: Date }>(executor, 'SELECT shop_now() AS now');
    if (!row) throw new Error('PostgreSQL did not tell the time');
    return row.now;
  }

  /**
   * Marks what was published in `[since, until)` as unpublished, by outbox_published_at_idx: at most `limit` events,
   * and how many it were.
   */
  async unpublish(tx: EntityManager, since: Date, until: Date, limit: number): Promise<number> {
    const rows = await sql(
      tx,
      `UPDATE outbox
       SET published_at = NULL
       WHERE position IN (
         SELECT position FROM outbox WHERE published_at >= $1 AND published_at < $2 LIMIT $3)
       RETURNING position`,
      [since, until, limit],
    );
    return rows.length;
  }

  /** By outbox_event_id_key: how many of these had been published. */
  async unpublishEvents(tx: EntityManager, eventIds: readonly string[]): Promise<number> {
    const rows = await sql(
      tx,
      `UPDATE outbox
       SET published_at = NULL
       WHERE event_id = ANY($1::uuid[]) AND published_at IS NOT NULL
       RETURNING position`,
      [eventIds],
    );
    return rows.length;
  }

  /** Wakes the relay. */
  async notify(tx: EntityManager, channel: string): Promise<void> {
    await sql(tx, `SELECT pg_notify($1, '')`, [channel]);
  }
}
