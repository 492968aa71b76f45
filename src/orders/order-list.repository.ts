import { Injectable } from '@nestjs/common';
import { toMinorUnits } from '../common/money';
import type { Cursor } from '../common/pagination';
import { sql, type Executor } from '../database/sql';
import type { OrderSummary } from './order.record';
import type { OrderStatus } from './order.state';

interface SummaryRow {
  id: string;
  number: string;
  user_id: string;
  status: OrderStatus;
  payment_id: string;
  payment_status: string;
  total_amount: string;
  currency: string;
  item_count: number;
  created_at: Date;
}

const SELECT_SUMMARY = `
  SELECT o.id, o.number, o.user_id, o.status, o.payment_id, p.status AS payment_status, o.total_amount, o.currency,
         (SELECT coalesce(sum(i.quantity), 0)::int FROM order_items i WHERE i.order_id = o.id) AS item_count,
         o.created_at
  FROM orders o
  JOIN payments p ON p.id = o.payment_id`;

function toSummary(row: SummaryRow): OrderSummary {
  return {
    id: row.id,
    number: row.number,
    userId: row.user_id,
    status: row.status,
    paymentId: row.payment_id,
    paymentStatus: row.payment_status,
    total: toMinorUnits(row.total_amount),
    currency: row.currency,
    itemCount: row.item_count,
    createdAt: row.created_at,
  };
}

/** Lists of live orders, newest first. */
@Injectable()
export class OrderListRepository {
  /** By orders_user_id_idx. */
  async ofUser(executor: Executor, userId: string, after: Cursor | null, limit: number): Promise<OrderSummary[]> {
    const rows = await sql<SummaryRow>(
      executor,
      `${SELECT_SUMMARY}
       WHERE o.user_id = $1 AND ($2::timestamptz IS NULL OR (o.created_at, o.id) < ($2::timestamptz, $3::uuid))
       ORDER BY o.created_at DESC, o.id DESC
       LIMIT $4`,
      [userId, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map(toSummary);
  }

  /** By orders_created_at_idx. */
  async all(
    executor: Executor,
    status: OrderStatus | null,
    after: Cursor | null,
    limit: number,
  ): Promise<OrderSummary[]> {
    const rows = await sql<SummaryRow>(
      executor,
      `${SELECT_SUMMARY}
       WHERE ($1::text IS NULL OR o.status = $1)
         AND ($2::timestamptz IS NULL OR (o.created_at, o.id) < ($2::timestamptz, $3::uuid))
       ORDER BY o.created_at DESC, o.id DESC
       LIMIT $4`,
      [status, after?.at ?? null, after?.id ?? null, limit],
    );
    return rows.map(toSummary);
  }

  /** Payments stay in PostgreSQL for ever: archived orders read their payment's status here too. */
  async paymentsOf(
    executor: Executor,
    paymentIds: readonly string[],
  ): Promise<Map<string, { status: string; provider: string; refunded: number }>> {
    const rows = await sql<{ id: string; status: string; provider: string; refunded_amount: string }>(
      executor,
      `SELECT id, status, provider, refunded_amount FROM payments WHERE id = ANY($1::uuid[])`,
      [paymentIds],
    );
    return new Map(
      rows.map((row) => [
        row.id,
        { status: row.status, provider: row.provider, refunded: toMinorUnits(row.refunded_amount) },
      ]),
    );
  }
}
