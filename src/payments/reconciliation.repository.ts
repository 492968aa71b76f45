import { Injectable } from '@nestjs/common';
import { toMinorUnits } from '../common/money';
import { sql, type Executor } from '../database/sql';
import type { RefundStatus } from './refund.state';
import type { PaymentStatus } from './payment.state';
import type { OwnPayment, OwnRefund } from './reconciliation.policy';

interface PaymentRow {
  id: string;
  order_id: string;
  charge_id: string | null;
  amount: string;
  currency: string;
  status: PaymentStatus;
}

interface RefundRow {
  id: string;
  payment_id: string;
  amount: string;
  reason: string;
  status: RefundStatus;
}

/** Reads payments with their refunds, to be compared with the provider's books. Tables: payments, refunds. */
@Injectable()
export class ReconciliationRepository {
  /** By payments_pkey; what is not there is left out. */
  async byIds(executor: Executor, ids: readonly string[]): Promise<Map<string, OwnPayment>> {
    const rows = await sql<PaymentRow>(
      executor,
      `SELECT id, order_id, charge_id, amount, currency, status FROM payments WHERE id = ANY($1::uuid[])`,
      [ids],
    );
    const refunds = await this.refundsOf(executor, ids);
    return new Map(
      rows.map((row) => [
        row.id,
        {
          id: row.id,
          orderId: row.order_id,
          chargeId: row.charge_id,
          amount: toMinorUnits(row.amount),
          currency: row.currency,
          status: row.status,
          refunds: refunds.get(row.id) ?? [],
        },
      ]),
    );
  }

  /** Payments that took money, by their ids, which are made in the order of time: payments_pkey gives them in a row. */
  async takenBetween(executor: Executor, afterId: string, untilId: string, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id
       FROM payments
       WHERE id > $1 AND id <= $2 AND status IN ('succeeded', 'partially_refunded', 'refunded')
       ORDER BY id
       LIMIT $3`,
      [afterId, untilId, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** By refunds_cause_key. */
  private async refundsOf(executor: Executor, paymentIds: readonly string[]): Promise<Map<string, OwnRefund[]>> {
    const rows = await sql<RefundRow>(
      executor,
      `SELECT id, payment_id, amount, reason, status FROM refunds WHERE payment_id = ANY($1::uuid[])`,
      [paymentIds],
    );
    const byPayment = new Map<string, OwnRefund[]>();
    for (const { id, payment_id: paymentId, amount, reason, status } of rows) {
      const refunds = byPayment.get(paymentId) ?? [];
      byPayment.set(paymentId, [...refunds, { id, amount: toMinorUnits(amount), reason, status }]);
    }
    return byPayment;
  }
}
