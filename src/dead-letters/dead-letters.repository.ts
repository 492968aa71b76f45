import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Cursor } from '../common/pagination';
import { sql, type Executor } from '../database/sql';
import type { DeadLetterRecord, DeadLetterSummary, NewDeadLetter, StoredHeaders } from './dead-letter.record';
import type { DeadLetterStatus } from './dead-letter.state';

interface SummaryRow {
  id: string;
  listener_group: string | null;
  topic: string;
  event_id: string | null;
  event_type: string | null;
  order_id: string | null;
  error: string;
  status: DeadLetterStatus;
  failed_at: Date;
  received_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
  discard_reason: string | null;
  redriven_at: Date | null;
}

interface Row extends SummaryRow {
  topic_partition: number | null;
  topic_offset: string | null;
  key: Buffer | null;
  value: Buffer | null;
  headers: StoredHeaders;
  stack: string;
  tries: number;
  last_error: string | null;
}

const SUMMARY = `id, listener_group, topic, event_id, event_type, order_id, error, status, failed_at, received_at, decided_by,
                 decided_at, discard_reason, redriven_at`;
const WHOLE = `${SUMMARY}, topic_partition, topic_offset, key, value, headers, stack, tries, last_error`;

function toSummary(row: SummaryRow): DeadLetterSummary {
  return {
    id: row.id,
    listenerGroup: row.listener_group,
    topic: row.topic,
    eventId: row.event_id,
    eventType: row.event_type,
    orderId: row.order_id,
    error: row.error,
    status: row.status,
    failedAt: row.failed_at,
    receivedAt: row.received_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    discardReason: row.discard_reason,
    redrivenAt: row.redriven_at,
  };
}

function toRecord(row: Row): DeadLetterRecord {
  return {
    ...toSummary(row),
    partition: row.topic_partition,
    offset: row.topic_offset,
    key: row.key,
    value: row.value,
    headers: row.headers,
    stack: row.stack,
    tries: row.tries,
    lastError: row.last_error,
  };
}

/** Table: dead_letters, as people see it; what is sent again is in redrives.repository.ts. */
@Injectable()
export class DeadLettersRepository {
  /** False when this message of Kafka is here already. */
  async insert(executor: Executor, letter: NewDeadLetter): Promise<boolean> {
    const rows = await sql(
      executor,
      `INSERT INTO dead_letters (id, dlq_topic, dlq_partition, dlq_offset, failed_at, listener_group, topic,
                                 topic_partition, topic_offset, event_id, event_type, order_id, key, value, headers,
                                 error, stack)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
       ON CONFLICT (dlq_topic, dlq_partition, dlq_offset, failed_at) DO NOTHING
       RETURNING id`,
      [
        letter.id,
        letter.dlqTopic,
        letter.dlqPartition,
        letter.dlqOffset,
        letter.failedAt,
        letter.listenerGroup,
        letter.topic,
        letter.partition,
        letter.offset,
        letter.eventId,
        letter.eventType,
        letter.orderId,
        letter.key,
        letter.value,
        JSON.stringify(letter.headers),
        letter.error,
        letter.stack,
      ],
    );
    return rows.length > 0;
  }

  /** Newest first, by dead_letters_received_at_idx. */
  async list(
    executor: Executor,
    filter: { status: DeadLetterStatus | null; group: string | null; topic: string | null },
    after: Cursor | null,
    limit: number,
  ): Promise<DeadLetterSummary[]> {
    const rows = await sql<SummaryRow>(
      executor,
      `SELECT ${SUMMARY}
       FROM dead_letters
       WHERE ($1::text IS NULL OR status = $1)
         AND ($2::text IS NULL OR listener_group = $2)
         AND ($3::text IS NULL OR topic = $3)
         AND ($4::timestamptz IS NULL OR (received_at, id) < ($4::timestamptz, $5::uuid))
       ORDER BY received_at DESC, id DESC
       LIMIT $6`,
      [filter.status, filter.group, filter.topic, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map(toSummary);
  }

  async find(executor: Executor, id: string): Promise<DeadLetterRecord | null> {
    const [row] = await sql<Row>(executor, `SELECT ${WHOLE} FROM dead_letters WHERE id = $1`, [id]);
    return row ? toRecord(row) : null;
  }

  async lock(tx: EntityManager, id: string): Promise<DeadLetterRecord | null> {
    const [row] = await sql<Row>(tx, `SELECT ${WHOLE} FROM dead_letters WHERE id = $1 FOR UPDATE`, [id]);
    return row ? toRecord(row) : null;
  }

  /** By dead_letters_open_idx. */
  async countOpen(executor: Executor): Promise<Map<string, number>> {
    const rows = await sql<{ topic: string; letters: number }>(
      executor,
      `SELECT topic, count(*)::int AS letters FROM dead_letters WHERE status = 'open' GROUP BY topic`,
    );
    return new Map(rows.map(({ topic, letters }) => [topic, letters]));
  }

  /** At most `limit` of those decided longer ago than that, by dead_letters_decided_at_idx; how many it were. */
  async sweep(executor: Executor, keptDays: number, limit: number): Promise<number> {
    const rows = await sql(
      executor,
      `DELETE FROM dead_letters
       WHERE id IN (
         SELECT id
         FROM dead_letters
         WHERE status IN ('redriven', 'discarded') AND decided_at < shop_now() - make_interval(days => $1)
         LIMIT $2)
       RETURNING id`,
      [keptDays, limit],
    );
    return rows.length;
  }
}
