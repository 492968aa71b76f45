import type { DataSource } from 'typeorm';
import { sql } from '../../database/sql';

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
  data: object;
  occurred_at: Date;
}

/** The outbox of one database, as the relay sees it. */
export class OutboxRepository {
  constructor(private readonly source: DataSource) {}

  /** What is unpublished, oldest first: never `position > last`, which would skip a lower one that commits later. */
  unpublished(limit: number): Promise<OutboxRecord[]> {
    return sql<OutboxRecord>(
      this.source,
      `SELECT position, event_id, topic, key, type, subject, order_id, causation_id, traceparent, schema_version, data,
              occurred_at
       FROM outbox
       WHERE published_at IS NULL
       ORDER BY position
       LIMIT $1`,
      [limit],
    );
  }

  async markPublished(positions: readonly string[]): Promise<void> {
    await sql(this.source, `UPDATE outbox SET published_at = shop_now() WHERE position = ANY($1::bigint[])`, [
      positions,
    ]);
  }
}
