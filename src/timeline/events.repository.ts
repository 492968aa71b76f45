import { Injectable } from '@nestjs/common';
import { traceIdOf } from '../common/trace-context';
import { sql, type Executor } from '../database/sql';
import type { Receipt, RecordedEvent } from './step.types';

interface EventRow {
  order_id: string;
  event_id: string;
  type: string;
  topic: string;
  subject: string;
  position: string;
  causation_id: string | null;
  traceparent: string;
  data: Record<string, unknown>;
  occurred_at: Date;
  published_at: Date | null;
}

/** An order and how many of its events the asker has of this database. */
export interface KnownEvents {
  orderId: string;
  count: number;
}

const COLUMNS = `outbox.order_id, outbox.event_id, outbox.type, outbox.topic, outbox.subject, outbox.position,
  outbox.causation_id, outbox.traceparent, outbox.data, outbox.occurred_at, outbox.published_at`;

function toEvent(row: EventRow): RecordedEvent {
  return {
    orderId: row.order_id,
    id: row.event_id,
    type: row.type,
    topic: row.topic,
    subject: row.subject,
    // As on its way through Kafka, so that both sort alike.
    sequence: row.position.padStart(20, '0'),
    causedBy: row.causation_id,
    traceId: traceIdOf(row.traceparent),
    detail: row.data,
    at: row.occurred_at,
    publishedAt: row.published_at,
  };
}

/** Reads outbox and inbox of any of the three databases; both are written by messaging alone. */
@Injectable()
export class EventsRepository {
  /** Every event of these orders, by outbox_order_id_idx. */
  async of(executor: Executor, orderIds: readonly string[]): Promise<RecordedEvent[]> {
    const rows = await sql<EventRow>(
      executor,
      `SELECT ${COLUMNS} FROM outbox WHERE outbox.order_id = ANY($1::uuid[]) ORDER BY outbox.position`,
      [orderIds],
    );
    return rows.map(toEvent);
  }

  /**
   * All events of those orders alone that have another number of them than is known: an order without news costs a
   * count in outbox_order_id_idx. A count misses nothing; "after this position" would, what commits late.
   */
  async ofChanged(executor: Executor, known: readonly KnownEvents[]): Promise<RecordedEvent[]> {
    const rows = await sql<EventRow>(
      executor,
      `SELECT ${COLUMNS}
       FROM unnest($1::uuid[], $2::int[]) AS known(order_id, events)
       JOIN LATERAL (SELECT count(*) AS events FROM outbox WHERE outbox.order_id = known.order_id) AS now ON true
       JOIN outbox ON outbox.order_id = known.order_id
       WHERE now.events <> known.events
       ORDER BY outbox.position`,
      [known.map(({ orderId }) => orderId), known.map(({ count }) => count)],
    );
    return rows.map(toEvent);
  }

  /** Which of these groups have dealt with which of these events, by inbox_pkey. */
  async receipts(executor: Executor, groups: readonly string[], eventIds: readonly string[]): Promise<Receipt[]> {
    const rows = await sql<{ event_id: string; listener_group: string; received_at: Date }>(
      executor,
      `SELECT event_id, listener_group, received_at
       FROM inbox
       WHERE listener_group = ANY($1::varchar[]) AND event_id = ANY($2::uuid[])`,
      [groups, eventIds],
    );
    return rows.map((row) => ({ eventId: row.event_id, group: row.listener_group, at: row.received_at }));
  }
}
