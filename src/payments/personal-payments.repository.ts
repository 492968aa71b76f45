import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ERASED } from '../common/erased.mark';
import { literals, sql, sqlLater, type Executor } from '../database/sql';
import { PAYMENT } from './payment.state';

/** The provider may yet be asked for these, and then needs what the customer pays with. */
const UNDECIDED = literals([...PAYMENT.sourcesOf('charging'), 'charging']);

export interface KeptRefund {
  id: string;
  amount: string;
  reason: string;
  status: string;
  createdAt: string;
}

export interface KeptPayment {
  id: string;
  orderId: string;
  provider: string;
  status: string;
  amount: string;
  refundedAmount: string;
  currency: string;
  chargeId: string | null;
  failureCode: string | null;
  createdAt: Date;
  refunds: KeptRefund[];
}

/** Tables: payments, refunds; by person. */
@Injectable()
export class PersonalPaymentsRepository {
  /** By payments_order_id_key and refunds_cause_key. What is paid with is a secret, and stays out. */
  ofOrders(executor: Executor, orderIds: readonly string[]): Promise<KeptPayment[]> {
    return sql<KeptPayment>(
      executor,
      `SELECT id, order_id AS "orderId", provider, status, amount, refunded_amount AS "refundedAmount", currency,
              charge_id AS "chargeId", failure_code AS "failureCode", created_at AS "createdAt",
              coalesce((
                SELECT json_agg(json_build_object('id', refunds.id, 'amount', refunds.amount::text,
                         'reason', refunds.reason, 'status', refunds.status, 'createdAt', refunds.created_at)
                         ORDER BY refunds.created_at, refunds.id)
                FROM refunds WHERE refunds.payment_id = payments.id), '[]') AS refunds
       FROM payments
       WHERE order_id = ANY($1::uuid[])`,
      [orderIds],
    );
  }

  /** By payments_user_id_idx. */
  erase(tx: EntityManager, userId: string): void {
    sqlLater(tx, `UPDATE payments SET token = $2 WHERE user_id = $1 AND status NOT IN (${UNDECIDED}) AND token <> $2`, [
      userId,
      ERASED,
    ]);
    sqlLater(
      tx,
      `UPDATE refunds
       SET reason = $2
       FROM payments
       WHERE payments.user_id = $1 AND refunds.payment_id = payments.id AND refunds.reason <> $2
         AND refunds.cause LIKE 'staff:%'`,
      [userId, ERASED],
    );
  }

  /** Payments that are not decided yet. */
  async openOf(executor: Executor, userId: string, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id FROM payments WHERE user_id = $1 AND status IN (${UNDECIDED}) LIMIT $2`,
      [userId, limit],
    );
    return rows.map(({ id }) => id);
  }
}
