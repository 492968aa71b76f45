import { Injectable } from '@nestjs/common';
import type { Cursor } from '../common/pagination';
import { sql, type Executor } from '../database/sql';
import type { AttemptRecord, DeliveryRecord, DeliveryStatus } from './webhooks.types';

interface Row {
  id: string;
  endpoint_id: string;
  event_id: string;
  event_type: string;
  status: DeliveryStatus;
  tries: number;
  next_try_at: Date;
  last_status: number | null;
  last_error: string | null;
  last_duration_ms: number | null;
  delivered_at: Date | null;
  created_at: Date;
}

interface AttemptRow {
  outcome: AttemptRecord['outcome'];
  status: number | null;
  error: string | null;
  response: string | null;
  duration_ms: number;
  ended_at: Date;
}

const COLUMNS = `id, endpoint_id, event_id, event_type, status, tries, next_try_at, last_status, last_error,
                 last_duration_ms, delivered_at, created_at`;

/** Replayed ones leave their state; whoever is sending it at this moment is not disturbed. */
const NOT_LEASED = '(leased_until IS NULL OR leased_until <= shop_now())';

function toRecord(row: Row): DeliveryRecord {
  return {
    id: row.id,
    endpointId: row.endpoint_id,
    eventId: row.event_id,
    eventType: row.event_type,
    status: row.status,
    tries: row.tries,
    nextTryAt: row.next_try_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    lastDurationMs: row.last_duration_ms,
    deliveredAt: row.delivered_at,
    createdAt: row.created_at,
  };
}

/** Tables: webhook_deliveries and webhook_attempts, as people see them; what is sent is in sending.repository.ts. */
@Injectable()
export class DeliveriesRepository {
  /** Newest first, by webhook_deliveries_endpoint_idx. */
  async list(
    executor: Executor,
    filter: { endpointId: string; status: DeliveryStatus | null },
    after: Cursor | null,
    limit: number,
  ): Promise<DeliveryRecord[]> {
    const rows = await sql<Row>(
      executor,
      `SELECT ${COLUMNS}
       FROM webhook_deliveries
       WHERE endpoint_id = $1
         AND ($2::text IS NULL OR status = $2)
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $5`,
      [filter.endpointId, filter.status, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map(toRecord);
  }

  async find(executor: Executor, endpointId: string, id: string): Promise<DeliveryRecord | null> {
    const [row] = await sql<Row>(
      executor,
      `SELECT ${COLUMNS} FROM webhook_deliveries WHERE id = $2 AND endpoint_id = $1`,
      [endpointId, id],
    );
    return row ? toRecord(row) : null;
  }

  /** The body as it is sent. */
  async payloadOf(executor: Executor, id: string): Promise<Readonly<Record<string, unknown>>> {
    const [row] = await sql<{ payload: Record<string, unknown> }>(
      executor,
      'SELECT payload FROM webhook_deliveries WHERE id = $1',
      [id],
    );
    return row?.payload ?? {};
  }

  /** In order, by webhook_attempts_delivery_id_idx. */
  async attemptsOf(executor: Executor, id: string): Promise<AttemptRecord[]> {
    const rows = await sql<AttemptRow>(
      executor,
      `SELECT outcome, status, error, response, duration_ms, ended_at
       FROM webhook_attempts WHERE delivery_id = $1 ORDER BY id`,
      [id],
    );
    return rows.map(({ duration_ms: durationMs, ended_at: endedAt, ...row }) => ({ ...row, durationMs, endedAt }));
  }

  /** Due at once, with all its tries before it. */
  async replay(executor: Executor, endpointId: string, id: string): Promise<void> {
    await sql(
      executor,
      `UPDATE webhook_deliveries
       SET status = 'pending', tries = 0, next_try_at = shop_now(), leased_until = NULL
       WHERE id = $2 AND endpoint_id = $1 AND ${NOT_LEASED}`,
      [endpointId, id],
    );
  }

  /** The same for at most `limit` that failed since then, oldest first, by webhook_deliveries_failed_idx. */
  async replayFailed(executor: Executor, endpointId: string, since: Date, limit: number): Promise<number> {
    const rows = await sql(
      executor,
      `UPDATE webhook_deliveries
       SET status = 'pending', tries = 0, next_try_at = shop_now(), leased_until = NULL
       WHERE id IN (
         SELECT id
         FROM webhook_deliveries
         WHERE endpoint_id = $1 AND status = 'failed' AND created_at >= $2
         ORDER BY created_at
         LIMIT $3
         FOR UPDATE)
       RETURNING id`,
      [endpointId, since, limit],
    );
    return rows.length;
  }

  /** At most `limit` older than that or of deleted endpoints; how many it were. Their tries go with them. */
  async sweep(executor: Executor, keptDays: number, limit: number): Promise<number> {
    const rows = await sql(
      executor,
      `DELETE FROM webhook_deliveries
       WHERE id IN (
         (SELECT id FROM webhook_deliveries WHERE created_at < shop_now() - make_interval(days => $1) LIMIT $2)
         UNION ALL
         (SELECT delivery.id
          FROM webhook_endpoints endpoint
          JOIN webhook_deliveries delivery ON delivery.endpoint_id = endpoint.id
          WHERE endpoint.disabled_reason = 'deleted'
          LIMIT $2))
       RETURNING id`,
      [keptDays, limit],
    );
    return rows.length;
  }
}
