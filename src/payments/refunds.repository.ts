import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toAmount, toMinorUnits } from '../common/money';
import { literals, sql, type Executor } from '../database/sql';
import { REFUND, type RefundStatus } from './refund.state';

/** What is to be sent, as refunds_due_idx has it. */
const UNSENT = literals([...REFUND.sourcesOf('sending'), 'sending']);

export interface RefundRecord {
  id: string;
  paymentId: string;
  orderId: string;
  chargeId: string;
  /** Minor units. */
  amount: number;
  reason: string;
  tries: number;
}

interface RefundRow {
  id: string;
  payment_id: string;
  order_id: string;
  charge_id: string;
  amount: string;
  reason: string;
  tries: number;
}

function toRecord(row: RefundRow): RefundRecord {
  return {
    id: row.id,
    paymentId: row.payment_id,
    orderId: row.order_id,
    chargeId: row.charge_id,
    amount: toMinorUnits(row.amount),
    reason: row.reason,
    tries: row.tries,
  };
}

/** A refund leased for one try. */
export interface LeasedRefund extends RefundRecord {
  attemptId: string;
}

/** Tables: refunds, payment_attempts (those of refunds). Both stay for ever. */
@Injectable()
export class RefundsRepository {
  /** False when a refund of this payment for this cause is there already. */
  async insert(
    tx: EntityManager,
    refund: { id: string; paymentId: string; cause: string; amount: number; reason: string },
  ): Promise<boolean> {
    const rows = await sql(
      tx,
      `INSERT INTO refunds (id, payment_id, cause, amount, reason)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (payment_id, cause) DO NOTHING
       RETURNING id`,
      [refund.id, refund.paymentId, refund.cause, toAmount(refund.amount), refund.reason],
    );
    return rows.length > 0;
  }

  /** What is refunded or promised of a payment, in minor units; the payment's row is locked by the caller. */
  async promised(tx: EntityManager, paymentId: string): Promise<number> {
    const [row] = await sql<{ promised: string }>(
      tx,
      `SELECT coalesce(sum(amount), 0) AS promised FROM refunds WHERE payment_id = $1 AND status <> 'failed'`,
      [paymentId],
    );
    return toMinorUnits(row?.promised ?? '0');
  }

  /**
   * Leases what is due, by refunds_due_idx; a lease that ran out comes up again. The attempt is recorded with the
   * lease, before the provider is called.
   */
  async leaseDue(executor: Executor, seconds: number, limit: number): Promise<LeasedRefund[]> {
    const rows = await sql<RefundRow & { attempt_id: string }>(
      executor,
      `WITH due AS (
         SELECT id
         FROM refunds
         WHERE status IN (${UNSENT}) AND next_try_at <= shop_now()
         ORDER BY next_try_at
         LIMIT $1
         FOR UPDATE SKIP LOCKED
       ), leased AS (
         UPDATE refunds
         SET status = 'sending',
             tries = refunds.tries + 1,
             next_try_at = shop_now() + make_interval(secs => $2),
             updated_at = shop_now()
         FROM due, payments
         WHERE refunds.id = due.id AND payments.id = refunds.payment_id
         RETURNING refunds.id, refunds.payment_id, payments.order_id, payments.charge_id, refunds.amount,
                   refunds.reason, refunds.tries
       ), attempts AS (
         INSERT INTO payment_attempts (payment_id, kind, refund_id)
         SELECT payment_id, 'refund', id
         FROM leased
         RETURNING id, refund_id
       )
       SELECT leased.id, leased.payment_id, leased.order_id, leased.charge_id, leased.amount, leased.reason,
              leased.tries, attempts.id AS attempt_id
       FROM leased
       JOIN attempts ON attempts.refund_id = leased.id`,
      [limit, seconds],
    );
    return rows.map((row) => ({ ...toRecord(row), attemptId: row.attempt_id }));
  }

  /** False when the refund is in no state that may become succeeded, as when it is so already. */
  async succeed(tx: EntityManager, id: string, providerRefundId: string): Promise<boolean> {
    const rows = await sql(
      tx,
      `UPDATE refunds
       SET status = 'succeeded', provider_refund_id = $2, updated_at = shop_now()
       WHERE id = $1 AND status = ANY($3::text[])
       RETURNING id`,
      [id, providerRefundId, REFUND.sourcesOf('succeeded')],
    );
    return rows.length > 0;
  }

  async postpone(executor: Executor, id: string, seconds: number, error: string): Promise<void> {
    await sql(
      executor,
      `UPDATE refunds
       SET next_try_at = shop_now() + make_interval(secs => $2), last_error = $3, updated_at = shop_now()
       WHERE id = $1 AND status = 'sending'`,
      [id, seconds, error.slice(0, 255)],
    );
  }

  /** The provider refuses for good: a case for people. False when the refund is in no state that may become failed. */
  async fail(executor: Executor, id: string, error: string): Promise<boolean> {
    const rows = await sql(
      executor,
      `UPDATE refunds
       SET status = 'failed', last_error = $2, updated_at = shop_now()
       WHERE id = $1 AND status = ANY($3::text[])
       RETURNING id`,
      [id, error.slice(0, 255), REFUND.sourcesOf('failed')],
    );
    return rows.length > 0;
  }

  async statusOf(executor: Executor, id: string): Promise<RefundStatus | null> {
    const [row] = await sql<{ status: RefundStatus }>(executor, `SELECT status FROM refunds WHERE id = $1`, [id]);
    return row?.status ?? null;
  }
}
