import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';

export interface AuditedPayment {
  id: string;
  order_id: string;
  status: string;
  amount: string;
  refunded_amount: string;
  /** Null without a placement. */
  placement_status: string | null;
  /** Sum of the refunds that did not fail. */
  promised: string;
  /** Sum of the refunds that succeeded. */
  returned: string;
  /** All of what a charge took in vain was promised back, be it less than the payment's amount. */
  not_wanted: boolean;
  /** A refund for the cancelled order was asked for, whatever became of it: none is asked for again. */
  asked: boolean;
  /** Types of the payment's events that are still in the outbox. */
  events: string[] | null;
  created_lately: boolean;
  changed_lately: boolean;
  /** `order.cancelled` has been out for longer than things may take, or was swept. */
  overdue: boolean;
}

export interface FailedRefund {
  id: string;
  payment_id: string;
  order_id: string;
  amount: string;
  last_error: string | null;
}

export interface DueWork {
  id: string;
  order_id: string;
  status: string;
  /** Since when it waits. */
  since: Date;
}

/** Payments and refunds in the orders database, read only. */
@Injectable()
export class MoneyAuditRepository {
  /** By payments_pkey. */
  async paymentIds(executor: Executor, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id FROM payments WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
      [after, limit],
    );
    return rows.map((row) => row.id);
  }

  /**
   * One snapshot of payments with refunds, placement and events: by payments_pkey, refunds_cause_key,
   * placements_order_id_key and the outbox's index on order_id.
   */
  payments(
    executor: Executor,
    paymentIds: readonly string[],
    scope: { days: number; settledFor: number },
  ): Promise<AuditedPayment[]> {
    return sql<AuditedPayment>(
      executor,
      `SELECT p.id, p.order_id, p.status, p.amount, p.refunded_amount, l.status AS placement_status,
              r.promised, r.returned, r.not_wanted, r.asked, e.events,
              p.created_at > shop_now() - make_interval(days => $2) AS created_lately,
              p.updated_at > shop_now() - make_interval(days => $2) AS changed_lately,
              coalesce(e.overdue, p.updated_at < shop_now() - make_interval(secs => $3)) AS overdue
       FROM payments p
       LEFT JOIN placements l ON l.order_id = p.order_id
       LEFT JOIN LATERAL (
         SELECT coalesce(sum(amount) FILTER (WHERE status <> 'failed'), 0) AS promised,
                coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0) AS returned,
                coalesce(bool_or(cause = 'not_wanted' AND status <> 'failed'), false) AS not_wanted,
                coalesce(bool_or(cause = 'order_cancelled'), false) AS asked
         FROM refunds
         WHERE payment_id = p.id
       ) r ON true
       LEFT JOIN LATERAL (
         SELECT array_agg(DISTINCT type::text) FILTER (WHERE subject = p.id) AS events,
                bool_and(coalesce(published_at < shop_now() - make_interval(secs => $3), false))
                  FILTER (WHERE type = 'order.cancelled') AS overdue
         FROM outbox
         WHERE order_id = p.order_id
       ) e ON true
       WHERE p.id = ANY($1::uuid[])`,
      [paymentIds, scope.days, scope.settledFor],
    );
  }

  /** Refunds the provider refused which no later refund of the payment makes up for, by refunds_cause_key. */
  failedRefunds(executor: Executor, paymentIds: readonly string[]): Promise<FailedRefund[]> {
    return sql<FailedRefund>(
      executor,
      `SELECT f.id, f.payment_id, p.order_id, f.amount, f.last_error
       FROM refunds f
       JOIN payments p ON p.id = f.payment_id
       WHERE f.payment_id = ANY($1::uuid[])
         AND f.status = 'failed'
         AND NOT EXISTS (
           SELECT 1
           FROM refunds later
           WHERE later.payment_id = f.payment_id
             AND later.status <> 'failed'
             AND later.created_at >= f.created_at
             AND later.amount >= f.amount)`,
      [paymentIds],
    );
  }

  /** Undecided payments nobody took up that long after their time, by payments_due_idx. */
  duePayments(executor: Executor, seconds: number, among: readonly string[] | null, limit: number): Promise<DueWork[]> {
    return sql<DueWork>(
      executor,
      `SELECT id, order_id, status, next_try_at AS since
       FROM payments
       WHERE status IN ('initiated', 'charging', 'unknown')
         AND next_try_at < shop_now() - make_interval(secs => $1)
         AND ($2::uuid[] IS NULL OR id = ANY($2))
       ORDER BY next_try_at
       LIMIT $3`,
      [seconds, among, limit],
    );
  }

  /** Refunds nobody took up that long after their time, by refunds_due_idx. */
  dueRefunds(executor: Executor, seconds: number, among: readonly string[] | null, limit: number): Promise<DueWork[]> {
    return sql<DueWork>(
      executor,
      `SELECT r.id, p.order_id, r.status, r.next_try_at AS since
       FROM refunds r
       JOIN payments p ON p.id = r.payment_id
       WHERE r.status IN ('requested', 'sending')
         AND r.next_try_at < shop_now() - make_interval(secs => $1)
         AND ($2::uuid[] IS NULL OR r.id = ANY($2))
       ORDER BY r.next_try_at
       LIMIT $3`,
      [seconds, among, limit],
    );
  }

  /** What we know of these orders' charges, by payments_order_id_key. */
  async chargeIds(executor: Executor, orderIds: readonly string[]): Promise<Map<string, string | null>> {
    const rows = await sql<{ order_id: string; charge_id: string | null }>(
      executor,
      `SELECT order_id, charge_id FROM payments WHERE order_id = ANY($1::uuid[])`,
      [orderIds],
    );
    return new Map(rows.map((row) => [row.order_id, row.charge_id]));
  }
}
