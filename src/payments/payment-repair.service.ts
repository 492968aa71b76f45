import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { OrdersService } from '../orders/orders.service';
import type { PaymentStatus } from './payment.state';
import { PaymentsRepository } from './payments.repository';
import { RefundService } from './refund.service';

const FAILED: ReadonlySet<PaymentStatus> = new Set(['failed', 'voided']);
const KEPT: ReadonlySet<PaymentStatus> = new Set(['succeeded', 'partially_refunded']);

/**
 * What a decided payment and its order owe each other, for the consistency check's repair. Both rows are locked as
 * everywhere, the order first, and looked at again: a second call changes nothing.
 */
@Injectable()
export class PaymentRepairService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundService,
    private readonly orders: OrdersService,
  ) {}

  /**
   * Confirms or cancels an order that is pending though its payment is decided; what was paid of one that is cancelled
   * goes back. Null when there was nothing to decide.
   */
  async decideOrder(orderId: string): Promise<'confirmed' | 'cancelled' | null> {
    return inTransaction(this.database, async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      const payment = await this.payments.lockOfOrder(tx, orderId);
      if (order?.status !== 'pending' || !payment) return null;
      const { status, amount, currency } = payment;
      const { total, currency: wanted } = order.totals;
      if (status === 'succeeded' && amount === total && currency === wanted) {
        return (await this.orders.confirm(tx, order)) ? 'confirmed' : null;
      }
      const decided = FAILED.has(status) || KEPT.has(status) || status === 'refunded';
      if (!decided || !(await this.orders.endUnshipped(tx, order, 'payment_failed'))) return null;
      if (KEPT.has(status)) {
        await this.refunds.requestIn(tx, payment, { amount, cause: 'not_wanted', reason: 'order ended' });
      }
      return 'cancelled';
    });
  }

  /**
   * Asks for the refund of what is left of a cancelled order's payment; the caller knows that the order was cancelled,
   * which it stays, also where it has left for the archive. False when nothing is left, or was asked for before.
   */
  async refundEnded(orderId: string): Promise<boolean> {
    return inTransaction(this.database, async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      const payment = await this.payments.lockOfOrder(tx, orderId);
      if (!payment || !KEPT.has(payment.status) || (order && order.status !== 'cancelled')) return false;
      const wanted = { amount: payment.amount, cause: 'order_cancelled', reason: 'order cancelled' };
      return (await this.refunds.requestIn(tx, payment, wanted)) !== null;
    });
  }
}
