import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import type { LeasedDelivery, SentAnswer } from './webhooks.types';

interface LeasedRow {
  id: string;
  endpoint_id: string;
  event_id: string;
  payload: string;
  tries: number;
  url: string;
  secret: string;
  former_secret: string | null;
}

export interface Lease {
  seconds: number;
  limit: number;
  perEndpoint: number;
  /** What this worker is sending to each endpoint already. */
  busy: ReadonlyMap<string, number>;
}

/** $1 delivery, then the try as the delivery log keeps it. */
const LOGGED = `
  INSERT INTO webhook_attempts (delivery_id, outcome, status, error, response, duration_ms)
  SELECT id, $2, $3, $4, $5, $6 FROM webhook_deliveries WHERE id = $1`;

/** Tables: webhook_deliveries and webhook_attempts, as they are sent, and what an endpoint's tries say of it. */
@Injectable()
export class SendingRepository {
  /**
   * Leases what is due, of each endpoint no more than it is sent at once: by webhook_deliveries_due_idx, endpoint by
   * endpoint, so that what waits for a slow one hides nothing of the others. A lease that ran out comes up again.
   */
  async leaseDue(executor: Executor, { seconds, limit, perEndpoint, busy }: Lease): Promise<LeasedDelivery[]> {
    const rows = await sql<LeasedRow>(
      executor,
      `WITH due AS (
         SELECT candidate.id
         FROM webhook_endpoints endpoint
         LEFT JOIN unnest($4::uuid[], $5::integer[]) AS busy(endpoint_id, calls) ON busy.endpoint_id = endpoint.id
         CROSS JOIN LATERAL (
           SELECT id, next_try_at
           FROM webhook_deliveries
           WHERE endpoint_id = endpoint.id AND status = 'pending' AND next_try_at <= shop_now()
           ORDER BY next_try_at
           LIMIT greatest($3::integer - coalesce(busy.calls, 0), 0)
           FOR UPDATE SKIP LOCKED
         ) AS candidate
         WHERE endpoint.disabled_at IS NULL
         ORDER BY candidate.next_try_at
         LIMIT $2
       ), leased AS (
         UPDATE webhook_deliveries
         SET tries = tries + 1,
             next_try_at = shop_now() + make_interval(secs => $1),
             leased_until = shop_now() + make_interval(secs => $1)
         FROM due
         WHERE webhook_deliveries.id = due.id
         RETURNING webhook_deliveries.id, endpoint_id, event_id, payload, tries
       )
       SELECT leased.id, leased.endpoint_id, leased.event_id, leased.payload::text AS payload, leased.tries,
              endpoint.url, endpoint.secret,
              CASE WHEN endpoint.former_secret_until > shop_now() THEN endpoint.former_secret END AS former_secret
       FROM leased
       JOIN webhook_endpoints endpoint ON endpoint.id = leased.endpoint_id`,
      [seconds, limit, perEndpoint, [...busy.keys()], [...busy.values()]],
    );
    return rows.map((row) => ({
      id: row.id,
      endpointId: row.endpoint_id,
      eventId: row.event_id,
      payload: row.payload,
      tries: row.tries,
      url: row.url,
      secrets: row.former_secret ? [row.secret, row.former_secret] : [row.secret],
    }));
  }

  /** It has arrived, even where its lease had run out meanwhile; the endpoint, whose row comes first, works. */
  async succeed(tx: EntityManager, { id, endpointId }: LeasedDelivery, answer: SentAnswer): Promise<void> {
    await Promise.all([
      sql(tx, 'UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL', [
        endpointId,
      ]),
      sql(
        tx,
        `WITH attempt AS (${LOGGED})
         UPDATE webhook_deliveries
         SET status = 'delivered', delivered_at = shop_now(), leased_until = NULL, last_status = $3, last_error = $4,
             last_duration_ms = $6
         WHERE id = $1`,
        valuesOf(id, answer),
      ),
    ]);
  }

  /** Before any of its deliveries, as everywhere; gives its address as it is now, null where it is gone. */
  async lockEndpoint(tx: EntityManager, endpointId: string): Promise<string | null> {
    const [endpoint] = await sql<{ url: string }>(
      tx,
      'SELECT url FROM webhook_endpoints WHERE id = $1 FOR NO KEY UPDATE',
      [endpointId],
    );
    return endpoint?.url ?? null;
  }

  /**
   * After `lockEndpoint`: it is tried again after `seconds`, or never where those are null. Who has lost the lease (not
   * `held`) only leaves its line in the log. `tooLong`: the endpoint has been failing for longer than `patienceDays`.
   */
  async fail(
    tx: EntityManager,
    { id, tries }: LeasedDelivery,
    answer: SentAnswer,
    seconds: number | null,
    patienceDays: number,
  ): Promise<{ held: boolean; tooLong: boolean }> {
    const [written] = await sql<{ too_long: boolean | null }>(
      tx,
      `WITH attempt AS (${LOGGED}), delivery AS (
         UPDATE webhook_deliveries
         SET status = CASE WHEN $8::double precision IS NULL THEN 'failed' ELSE 'pending' END,
             next_try_at = shop_now() + make_interval(secs => coalesce($8, 0)),
             leased_until = NULL, last_status = $3, last_error = $4, last_duration_ms = $6
         WHERE id = $1 AND status = 'pending' AND tries = $7
         RETURNING endpoint_id
       ), endpoint AS (
         UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, shop_now())
         FROM delivery
         WHERE webhook_endpoints.id = delivery.endpoint_id
           AND (failing_since IS NULL OR failing_since < shop_now() - make_interval(days => $9))
         RETURNING failing_since < shop_now() - make_interval(days => $9) AS too_long
       )
       SELECT (SELECT too_long FROM endpoint) FROM delivery`,
      [...valuesOf(id, answer), tries, seconds, patienceDays],
    );
    return { held: written !== undefined, tooLong: written?.too_long === true };
  }

  /**
   * Endpoints that have been enabled for so long and yet have something due since before that, by
   * webhook_deliveries_due_idx: more is sent to them than they take.
   */
  async overwhelmed(executor: Executor, patienceDays: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id
       FROM webhook_endpoints endpoint
       WHERE disabled_at IS NULL
         AND listens_from < shop_now() - make_interval(days => $1)
         AND EXISTS (SELECT FROM webhook_deliveries
                     WHERE endpoint_id = endpoint.id AND status = 'pending'
                       AND next_try_at < shop_now() - make_interval(days => $1))`,
      [patienceDays],
    );
    return rows.map(({ id }) => id);
  }

  /** What is due and not yet under way, by webhook_deliveries_due_idx. */
  async backlog(executor: Executor): Promise<{ due: number; oldestSeconds: number }> {
    const [row] = await sql<{ due: number; oldest: number }>(
      executor,
      `SELECT count(*)::int AS due,
              coalesce(extract(epoch FROM shop_now() - min(delivery.next_try_at)), 0)::double precision AS oldest
       FROM webhook_endpoints endpoint
       JOIN webhook_deliveries delivery ON delivery.endpoint_id = endpoint.id
       WHERE endpoint.disabled_at IS NULL AND delivery.status = 'pending' AND delivery.next_try_at <= shop_now()`,
    );
    return { due: row?.due ?? 0, oldestSeconds: row?.oldest ?? 0 };
  }
}

const MOST_ERROR = 500;
const MOST_RESPONSE = 1_000;

/** As LOGGED takes them. */
function valuesOf(id: string, { outcome, status, error, response, durationMs }: SentAnswer): unknown[] {
  return [
    id,
    outcome,
    status,
    error?.slice(0, MOST_ERROR) ?? null,
    response?.slice(0, MOST_RESPONSE) ?? null,
    durationMs,
  ];
}
