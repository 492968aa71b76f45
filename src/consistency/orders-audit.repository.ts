import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';

export interface AuditedOrder {
  id: string;
  status: string;
  checkout_id: string;
  payment_id: string;
  /** Whether the order's total and currency are the payment's. */
  as_agreed: boolean | null;
  /** Null when there is no such payment, or it is another order's. */
  payment_status: string | null;
  placement_status: string | null;
  /** Types of the order's events that are still in the outbox. */
  events: string[] | null;
  created_lately: boolean;
  changed_lately: boolean;
}

export interface SettlingOrder {
  id: string;
  status: string;
  checkout_id: string;
  items: { productId: string; quantity: number }[];
  /** Its last event has been out for longer than things may take, or was swept; an unpublished one is waited for. */
  overdue: boolean;
}

export interface AuditedPlacement {
  checkout_id: string;
  order_id: string;
  /** Its order is in PostgreSQL. */
  live: boolean;
  payment_id: string | null;
  payment_amount: string | null;
}

/** Orders and placements in the orders database, read only. */
@Injectable()
export class OrdersAuditRepository {
  /** By orders_pkey. */
  async orderIds(executor: Executor, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id FROM orders WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
      [after, limit],
    );
    return rows.map((row) => row.id);
  }

  /**
   * One snapshot of orders with payment, placement and events: by orders_pkey, payments_pkey, placements_pkey and the
   * outbox's index on order_id.
   */
  orders(executor: Executor, orderIds: readonly string[], days: number): Promise<AuditedOrder[]> {
    return sql<AuditedOrder>(
      executor,
      `SELECT o.id, o.status, o.checkout_id, o.payment_id,
              p.amount = o.total_amount AND p.currency = o.currency AS as_agreed,
              p.status AS payment_status, l.status AS placement_status,
              (SELECT array_agg(DISTINCT e.type::text) FROM outbox e WHERE e.order_id = o.id) AS events,
              o.created_at > shop_now() - make_interval(days => $2) AS created_lately,
              -- A finished order's row changes once more when its customer is erased, of which no event tells.
              coalesce(o.completed_at, o.updated_at) > shop_now() - make_interval(days => $2) AS changed_lately
       FROM orders o
       LEFT JOIN payments p ON p.id = o.payment_id AND p.order_id = o.id
       LEFT JOIN placements l ON l.checkout_id = o.checkout_id AND l.order_id = o.id
       WHERE o.id = ANY($1::uuid[])`,
      [orderIds, days],
    );
  }

  /** Orders with what their stock must be; by orders_pkey, order_items_line_key and the outbox's index on order_id. */
  settling(executor: Executor, orderIds: readonly string[], settledFor: number): Promise<SettlingOrder[]> {
    return sql<SettlingOrder>(
      executor,
      `SELECT o.id, o.status, o.checkout_id,
              coalesce((SELECT json_agg(json_build_object('productId', i.product_id, 'quantity', i.quantity))
                        FROM order_items i WHERE i.order_id = o.id), '[]') AS items,
              coalesce(
                (SELECT coalesce(e.published_at < shop_now() - make_interval(secs => $2), false)
                 FROM outbox e
                 WHERE e.order_id = o.id
                   AND e.type = CASE o.status WHEN 'cancelled' THEN 'order.cancelled' ELSE 'order.confirmed' END
                 ORDER BY e.position DESC
                 LIMIT 1),
                o.updated_at < shop_now() - make_interval(secs => $2)) AS overdue
       FROM orders o
       WHERE o.id = ANY($1::uuid[])`,
      [orderIds, settledFor],
    );
  }

  /** By placements_pkey; tombstones have no order. */
  async checkoutIds(executor: Executor, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ checkout_id: string }>(
      executor,
      `SELECT checkout_id
       FROM placements
       WHERE status <> 'tombstone' AND ($1::uuid IS NULL OR checkout_id > $1)
       ORDER BY checkout_id
       LIMIT $2`,
      [after, limit],
    );
    return rows.map((row) => row.checkout_id);
  }

  /** By placements_pkey, orders_pkey and payments_order_id_key. */
  placements(executor: Executor, checkoutIds: readonly string[]): Promise<AuditedPlacement[]> {
    return sql<AuditedPlacement>(
      executor,
      `SELECT l.checkout_id, l.order_id, o.id IS NOT NULL AS live, p.id AS payment_id, p.amount AS payment_amount
       FROM placements l
       LEFT JOIN orders o ON o.id = l.order_id
       LEFT JOIN payments p ON p.order_id = l.order_id
       WHERE l.checkout_id = ANY($1::uuid[]) AND l.status <> 'tombstone'`,
      [checkoutIds],
    );
  }

  /** Which of these checkouts became orders, by placements_pkey; of a tombstone none did. */
  async placed(executor: Executor, checkoutIds: readonly string[]): Promise<Set<string>> {
    const rows = await sql<{ checkout_id: string }>(
      executor,
      `SELECT checkout_id FROM placements WHERE checkout_id = ANY($1::uuid[]) AND status <> 'tombstone'`,
      [checkoutIds],
    );
    return new Set(rows.map((row) => row.checkout_id));
  }

  /** Which of these orders are in PostgreSQL, by orders_pkey. */
  async live(executor: Executor, orderIds: readonly string[]): Promise<Set<string>> {
    const rows = await sql<{ id: string }>(executor, `SELECT id FROM orders WHERE id = ANY($1::uuid[])`, [orderIds]);
    return new Set(rows.map((row) => row.id));
  }

  /** Orders that stored answers of `POST /v1/orders` speak of, a page by idempotency_keys_pkey. */
  answered(
    executor: Executor,
    after: { scope: string; key: string } | null,
    limit: number,
  ): Promise<{ scope: string; key: string; order_id: string }[]> {
    return sql<{ scope: string; key: string; order_id: string }>(
      executor,
      `SELECT scope, key, response->>'id' AS order_id
       FROM idempotency_keys
       WHERE scope LIKE '% POST /v1/orders' AND ($1::text IS NULL OR (scope, key) > ($1, $2))
       ORDER BY scope, key
       LIMIT $3`,
      [after?.scope ?? null, after?.key ?? null, limit],
    );
  }

  /**
   * Carts' versions, and checkouts, with more than one order that was not cancelled. The rows themselves are grouped,
   * whatever the unique indexes say: one pass over placements, which hashing keeps within work_mem.
   */
  twins(executor: Executor, limit: number): Promise<{ twin: string; order_ids: string[] }[]> {
    return sql<{ twin: string; order_ids: string[] }>(
      executor,
      `SELECT l.cart_id || ' ' || l.cart_version AS twin, array_agg(l.order_id::text ORDER BY l.order_id) AS order_ids
       FROM placements l
       LEFT JOIN orders o ON o.id = l.order_id
       WHERE l.cart_id IS NOT NULL AND (l.status = 'live' OR o.status <> 'cancelled')
       GROUP BY l.cart_id, l.cart_version
       HAVING count(*) > 1
       UNION ALL
       SELECT checkout_id::text, array_agg(id::text ORDER BY id)
       FROM orders
       WHERE status <> 'cancelled'
       GROUP BY checkout_id
       HAVING count(*) > 1
       LIMIT $1`,
      [limit],
    );
  }
}
