import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';

export interface AuditedEvent {
  event_id: string;
  type: string;
  subject: string;
  order_id: string | null;
  /** What the cart's clearance is known by. */
  checkout_id: string | null;
}

/** Outbox and inbox of any of the databases, notifications of the users database; read only. */
@Injectable()
export class MessagesAuditRepository {
  /** What is unpublished for that long, oldest first, by outbox_unpublished_idx. */
  async unpublished(executor: Executor, seconds: number, limit: number): Promise<string[]> {
    const rows = await sql<{ event_id: string }>(
      executor,
      `SELECT event_id
       FROM outbox
       WHERE published_at IS NULL AND occurred_at < shop_now() - make_interval(secs => $1)
       ORDER BY position
       LIMIT $2`,
      [seconds, limit],
    );
    return rows.map((row) => row.event_id);
  }

  /** Which of these are unpublished still, by outbox_event_id_key. */
  stillUnpublished(executor: Executor, eventIds: readonly string[]): Promise<(AuditedEvent & { occurred_at: Date })[]> {
    return sql<AuditedEvent & { occurred_at: Date }>(
      executor,
      `SELECT event_id, type, subject, order_id, NULL AS checkout_id, occurred_at
       FROM outbox
       WHERE event_id = ANY($1::uuid[]) AND published_at IS NULL
       ORDER BY position`,
      [eventIds],
    );
  }

  /** Events of these types, of the last days, that have been out for that long: a page by outbox_pkey. */
  published(
    executor: Executor,
    wanted: { types: readonly string[]; days: number; seconds: number },
    after: string | null,
    limit: number,
  ): Promise<{ position: string; event_id: string }[]> {
    return sql<{ position: string; event_id: string }>(
      executor,
      `SELECT position, event_id
       FROM outbox
       WHERE position > coalesce($1::bigint, 0)
         AND type = ANY($2::text[])
         AND occurred_at > shop_now() - make_interval(days => $3)
         AND published_at < shop_now() - make_interval(secs => $4)
       ORDER BY position
       LIMIT $5`,
      [after, wanted.types, wanted.days, wanted.seconds, limit],
    );
  }

  /** By outbox_event_id_key; one that is to be published again is left out until it is. */
  events(executor: Executor, eventIds: readonly string[], seconds: number): Promise<AuditedEvent[]> {
    return sql<AuditedEvent>(
      executor,
      `SELECT event_id, type, subject, order_id, data->>'checkoutId' AS checkout_id
       FROM outbox
       WHERE event_id = ANY($1::uuid[]) AND published_at < shop_now() - make_interval(secs => $2)`,
      [eventIds, seconds],
    );
  }

  /**
   * Which of these events the group gave up, by dead_letters_order_id_idx. One that was redriven is to be known by now,
   * or to be a dead letter anew.
   */
  async letters(
    executor: Executor,
    group: string,
    events: readonly AuditedEvent[],
    seconds: number,
  ): Promise<Set<string>> {
    const rows = await sql<{ event_id: string }>(
      executor,
      `SELECT event_id
       FROM dead_letters
       WHERE order_id = ANY($2::uuid[])
         AND event_id = ANY($3::uuid[])
         AND listener_group = $1
         AND (status <> 'redriven' OR redriven_at > shop_now() - make_interval(secs => $4))`,
      [group, events.flatMap((event) => event.order_id ?? []), events.map((event) => event.event_id), seconds],
    );
    return new Set(rows.map((row) => row.event_id));
  }

  /** What people have not decided about yet, by dead_letters_open_idx. */
  async openLetters(executor: Executor): Promise<number> {
    const [row] = await sql<{ open: number }>(
      executor,
      `SELECT count(*)::int AS open FROM dead_letters WHERE status = 'open'`,
    );
    return row?.open ?? 0;
  }

  /** Events a group dealt with of which no notification came, by inbox_pkey and notifications_caused_by_key. */
  async withoutNotification(executor: Executor, group: string, eventIds: readonly string[]): Promise<string[]> {
    const rows = await sql<{ event_id: string }>(
      executor,
      `SELECT event_id
       FROM inbox
       WHERE listener_group = $1
         AND event_id = ANY($2::uuid[])
         AND NOT EXISTS (SELECT 1 FROM notifications WHERE caused_by = inbox.event_id)`,
      [group, eventIds],
    );
    return rows.map((row) => row.event_id);
  }

  /** Events the shipping group dealt with whose parcel did not follow, by inbox_pkey, orders_pkey, shipments_order_id_key. */
  async withoutShipment(executor: Executor, group: string, events: readonly AuditedEvent[]): Promise<string[]> {
    const rows = await sql<{ event_id: string }>(
      executor,
      `SELECT event.event_id
       FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS event(event_id, order_id, type)
       JOIN inbox ON inbox.listener_group = $1 AND inbox.event_id = event.event_id
       JOIN orders ON orders.id = event.order_id
       LEFT JOIN shipments ON shipments.order_id = event.order_id
       WHERE (event.type = 'order.confirmed' AND orders.status = 'confirmed' AND orders.updated_at <= inbox.received_at)
          OR (event.type = 'order.cancelled' AND shipments.status = 'preparing')`,
      [
        group,
        events.map((event) => event.event_id),
        events.map((event) => event.order_id),
        events.map((event) => event.type),
      ],
    );
    return rows.map((row) => row.event_id);
  }

  /** Cancellations the payments group dealt with whose payment still waits to be tried, by payments_order_id_key. */
  async withoutVoid(executor: Executor, group: string, events: readonly AuditedEvent[]): Promise<string[]> {
    const rows = await sql<{ event_id: string }>(
      executor,
      `SELECT event.event_id
       FROM unnest($2::uuid[], $3::uuid[]) AS event(event_id, order_id)
       JOIN inbox ON inbox.listener_group = $1 AND inbox.event_id = event.event_id
       JOIN payments ON payments.order_id = event.order_id
       WHERE payments.status = 'initiated'`,
      [group, events.map((event) => event.event_id), events.map((event) => event.order_id)],
    );
    return rows.map((row) => row.event_id);
  }

  /** Notifications nobody took up that long after their time, by notifications_due_idx. */
  dueNotifications(
    executor: Executor,
    seconds: number,
    among: readonly string[] | null,
    limit: number,
  ): Promise<{ id: string; order_id: string; status: string; since: Date }[]> {
    return sql<{ id: string; order_id: string; status: string; since: Date }>(
      executor,
      `SELECT id, order_id, status, next_try_at AS since
       FROM notifications
       WHERE status IN ('queued', 'sending')
         AND next_try_at < shop_now() - make_interval(secs => $1)
         AND ($2::uuid[] IS NULL OR id = ANY($2))
       ORDER BY next_try_at
       LIMIT $3`,
      [seconds, among, limit],
    );
  }

  /**
   * Notifications of the last days that were given up, a page by notifications_pkey. Those of orders: no promise of the
   * shop hangs on an account's mail, which anyone can ask for to any address, and ask for again.
   */
  async deadNotificationIds(executor: Executor, days: number, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id
       FROM notifications
       WHERE status = 'dead' AND order_id IS NOT NULL
         AND created_at > shop_now() - make_interval(days => $1)
         AND ($2::uuid IS NULL OR id > $2)
       ORDER BY id
       LIMIT $3`,
      [days, after, limit],
    );
    return rows.map((row) => row.id);
  }

  /** Those of these that are given up, by notifications_pkey. */
  deadNotifications(
    executor: Executor,
    ids: readonly string[],
  ): Promise<{ id: string; order_id: string; type: string; last_error: string | null }[]> {
    return sql<{ id: string; order_id: string; type: string; last_error: string | null }>(
      executor,
      `SELECT id, order_id, type, last_error FROM notifications WHERE id = ANY($1::uuid[]) AND status = 'dead'`,
      [ids],
    );
  }
}
