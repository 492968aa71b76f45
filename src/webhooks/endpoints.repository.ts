import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Cursor } from '../common/pagination';
import { sql, sqlLater, type Executor } from '../database/sql';
import type { WebhookEventType } from './public-event.view';
import type { DisabledReason, EndpointRecord } from './webhooks.types';

interface Row {
  id: string;
  url: string;
  description: string;
  event_types: WebhookEventType[];
  listens_from: Date;
  failing_since: Date | null;
  disabled_at: Date | null;
  disabled_reason: DisabledReason | null;
  former_secret_until: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `id, url, description, event_types, listens_from, failing_since, disabled_at, disabled_reason,
                 CASE WHEN former_secret_until > shop_now() THEN former_secret_until END AS former_secret_until,
                 version, created_at, updated_at`;

export interface Listening {
  now: boolean;
  until: Date | null;
}

/** One that was deleted is only there until its deliveries are swept. */
const THERE = `disabled_reason IS DISTINCT FROM 'deleted'`;

function toRecord(row: Row): EndpointRecord {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    eventTypes: row.event_types,
    listensFrom: row.listens_from,
    failingSince: row.failing_since,
    disabledAt: row.disabled_at,
    disabledReason: row.disabled_reason,
    formerSecretUntil: row.former_secret_until,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Table: webhook_endpoints. */
@Injectable()
export class EndpointsRepository {
  async insert(
    tx: EntityManager,
    endpoint: Pick<EndpointRecord, 'id' | 'url' | 'description' | 'eventTypes'> & { secret: string },
    listensAfterSeconds: number,
  ): Promise<void> {
    await sql(
      tx,
      `INSERT INTO webhook_endpoints (id, url, description, event_types, secret, listens_from)
       VALUES ($1, $2, $3, $4, $5, shop_now() + make_interval(secs => $6))`,
      [endpoint.id, endpoint.url, endpoint.description, endpoint.eventTypes, endpoint.secret, listensAfterSeconds],
    );
  }

  /** Newest first, by webhook_endpoints_created_at_idx. */
  async list(executor: Executor, after: Cursor | null, limit: number): Promise<EndpointRecord[]> {
    const rows = await sql<Row>(
      executor,
      `SELECT ${COLUMNS}
       FROM webhook_endpoints
       WHERE ${THERE} AND ($1::timestamptz IS NULL OR (created_at, id) < ($1::timestamptz, $2::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $3`,
      [after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map(toRecord);
  }

  async find(executor: Executor, id: string): Promise<EndpointRecord | null> {
    const [row] = await sql<Row>(executor, `SELECT ${COLUMNS} FROM webhook_endpoints WHERE id = $1 AND ${THERE}`, [id]);
    return row ? toRecord(row) : null;
  }

  async lock(tx: EntityManager, id: string): Promise<EndpointRecord | null> {
    const [row] = await sql<Row>(
      tx,
      `SELECT ${COLUMNS} FROM webhook_endpoints WHERE id = $1 AND ${THERE} FOR NO KEY UPDATE`,
      [id],
    );
    return row ? toRecord(row) : null;
  }

  async edit(
    tx: EntityManager,
    { id, url, description, eventTypes }: Pick<EndpointRecord, 'id' | 'url' | 'description' | 'eventTypes'>,
  ): Promise<void> {
    await sql(
      tx,
      `UPDATE webhook_endpoints
       SET url = $2, description = $3, event_types = $4, version = version + 1, updated_at = shop_now()
       WHERE id = $1`,
      [id, url, description, eventTypes],
    );
  }

  /** It hears of what happens from soon on, not of what happened meanwhile; what waited for it is sent. */
  async enable(tx: EntityManager, id: string, listensAfterSeconds: number): Promise<void> {
    await sql(
      tx,
      `UPDATE webhook_endpoints
       SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL,
           listens_from = shop_now() + make_interval(secs => $2), version = version + 1, updated_at = shop_now()
       WHERE id = $1`,
      [id, listensAfterSeconds],
    );
  }

  /** False when it was disabled before. A deleted one keeps no secret that could sign anything. */
  async disable(tx: EntityManager, id: string, reason: DisabledReason | 'deleted'): Promise<boolean> {
    const rows = await sql(
      tx,
      `UPDATE webhook_endpoints
       SET disabled_at = shop_now(), disabled_reason = $2, version = version + 1, updated_at = shop_now(),
           secret = CASE WHEN $2 = 'deleted' THEN '' ELSE secret END,
           former_secret = CASE WHEN $2 = 'deleted' THEN NULL ELSE former_secret END,
           former_secret_until = CASE WHEN $2 = 'deleted' THEN NULL ELSE former_secret_until END
       WHERE id = $1 AND (disabled_at IS NULL OR ($2 = 'deleted' AND ${THERE}))
       RETURNING id`,
      [id, reason],
    );
    return rows.length > 0;
  }

  /** Of two rotations in a day the first secret ends with the second. */
  rotateSecret(tx: EntityManager, id: string, secret: string, formerHours: number): void {
    sqlLater(
      tx,
      `UPDATE webhook_endpoints
       SET former_secret = secret, former_secret_until = shop_now() + make_interval(hours => $3), secret = $2,
           version = version + 1, updated_at = shop_now()
       WHERE id = $1`,
      [id, secret, formerHours],
    );
  }

  /** Whether anybody listens at all; of the others, until when the last one did. */
  async listening(executor: Executor): Promise<Listening> {
    const [row] = await sql<Listening>(
      executor,
      `SELECT coalesce(bool_or(disabled_at IS NULL), false) AS now, max(disabled_at) FILTER (WHERE ${THERE}) AS until
       FROM webhook_endpoints`,
    );
    return row ?? { now: false, until: null };
  }

  /** Former secrets whose time is over, and deleted endpoints whose last delivery is gone. */
  async sweep(executor: Executor): Promise<void> {
    await sql(
      executor,
      `UPDATE webhook_endpoints SET former_secret = NULL, former_secret_until = NULL
       WHERE former_secret_until <= shop_now()`,
    );
    await sql(
      executor,
      `DELETE FROM webhook_endpoints
       WHERE disabled_reason = 'deleted'
         AND NOT EXISTS (SELECT FROM webhook_deliveries WHERE endpoint_id = webhook_endpoints.id)`,
    );
  }
}
