import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { currentTrace, newTraceparent } from '../common/trace-context';
import type { Totals } from '../common/totals.dto';
import { inTransaction } from '../database/sql';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { Outbox } from '../messaging/outbox/outbox.service';
import { TransitionMetrics } from '../observability/transition-metrics';
import { OrdersService } from '../orders/orders.service';
import { about, eventData, toSucceeded } from './payment-event.mapper';
import { PAYMENT, type PaymentStatus } from './payment.state';
import { nothingToPay } from './payments.errors';
import { PaymentsRepository, type PaymentRecord } from './payments.repository';
import { RefundService } from './refund.service';
import { isAsAgreed, leftOf, type ProviderCharge } from './provider-charge.reader';

/** As the column takes it; a provider may say more. */
const LONGEST_FAILURE_CODE = 100;

type LockedOrder = Awaited<ReturnType<OrdersService['lock']>>;

/** Decides payments together with their orders, in one transaction: the order's row is locked first, then the payment's. */
@Injectable()
export class PaymentsService {
  private readonly logger = new Logger(PaymentsService.name);

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundService,
    private readonly orders: OrdersService,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
    private readonly transitions: TransitionMetrics,
    @InjectMetric('payment_undos_refused_total') private readonly undosRefused: Counter,
  ) {}

  /**
   * A payment as it will be stored; its id is the provider's idempotency key. No provider charges nothing, so an order
   * of nothing is refused.
   */
  prepare(wish: { orderId: string; userId: string; provider: string; token: string; totals: Totals }): PaymentRecord {
    if (wish.totals.total <= 0) throw nothingToPay();
    return {
      id: uuidv7(),
      orderId: wish.orderId,
      userId: wish.userId,
      provider: wish.provider,
      token: wish.token,
      amount: wish.totals.total,
      refunded: 0,
      currency: wish.totals.currency,
      status: 'initiated',
      chargeId: null,
      tries: 0,
      traceparent: currentTrace()?.traceparent ?? newTraceparent(),
    };
  }

  initiate(tx: EntityManager, payment: PaymentRecord): void {
    this.payments.insert(tx, payment);
    this.outbox.add(tx, { type: 'payment.initiated', ...about(payment), data: eventData(payment) });
  }

  /**
   * Takes the provider's word on a charge: payment and order are decided in one transaction. Told again, or told of a
   * payment that is decided, it changes nothing; money taken for an order that has ended goes back at once. `record`
   * writes down, in the same transaction, which try brought that word.
   */
  async settle(charge: ProviderCharge, record?: (tx: EntityManager) => void): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      await this.settleIn(tx, charge);
      record?.(tx);
    });
  }

  async settleIn(tx: EntityManager, charge: ProviderCharge): Promise<void> {
    const { order, payment } = await this.lockBoth(tx, charge.idempotencyKey);
    if (!charge.succeeded) return this.declineIn(tx, order, payment, charge.failureCode ?? 'declined');
    // A webhook may overtake the worker that has not even marked its try as over: charging takes it too.
    if (!payment || !(await this.move(tx, payment, 'succeeded', { chargeId: charge.id }))) return;
    this.outbox.add(tx, toSucceeded(payment, charge.id));
    // Given back by someone at the provider before we knew of it: no goods for that.
    const left = leftOf(charge);
    const asAgreed = isAsAgreed(charge, payment);
    if (asAgreed && order && (await this.orders.confirm(tx, order))) return;
    if (!asAgreed) {
      const wanted = `${payment.amount} ${payment.currency}`;
      this.logger.error(
        `charge ${charge.id} took ${charge.amount} ${charge.currency} (cents), of which ${left} are left, instead of ${wanted}`,
      );
    }
    if (order?.status === 'pending') await this.orders.endUnshipped(tx, order, 'payment_failed', 'charged_otherwise');
    // Never more than the payment's own amount: what a provider took beyond it is a case for people, logged above.
    await this.refunds.requestIn(tx, payment, { amount: left, cause: 'not_wanted', reason: 'order ended' });
  }

  /** The provider refuses this charge for good. */
  async decline(paymentId: string, failureCode: string): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const { order, payment } = await this.lockBoth(tx, paymentId);
      await this.declineIn(tx, order, payment, failureCode);
    });
  }

  /** The order has ended and the provider knows of no charge: nothing is taken any more. A late charge is refunded. */
  async abandon(paymentId: string): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const { order, payment } = await this.lockBoth(tx, paymentId);
      if (!payment || order?.status === 'pending') return;
      await this.fail(tx, payment, payment.status === 'initiated' ? 'voided' : 'failed', 'voided');
    });
  }

  /**
   * The order was cancelled: an untried payment is voided, a paid one refunded; a charge on its way settles first. An
   * event is not believed by itself: where the order says otherwise nobody's money moves.
   */
  async undo(event: { id: string; orderId: string }): Promise<void> {
    // Asked before the transaction: an archived order is in another store.
    const gone = await this.orders.archivedStatus(event.orderId);
    await inTransaction(this.database, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.payments.name, event.id))) return;
      const order = await this.orders.lock(tx, event.orderId);
      const payment = await this.payments.lockOfOrder(tx, event.orderId);
      if (!payment) return;
      const status = order?.status ?? gone;
      if (status !== 'cancelled') {
        this.undosRefused.inc();
        this.logger.error(`event ${event.id} says order ${event.orderId} is cancelled; it is ${status ?? 'not there'}`);
        return;
      }
      if (payment.status === 'initiated') {
        await this.fail(tx, payment, 'voided', 'voided');
        return;
      }
      // Ended by its payment: what was charged is promised back since then, be it less than the payment's amount.
      if (order?.cancelReason === 'payment_failed') return;
      const left = payment.amount - payment.refunded;
      if ((payment.status === 'succeeded' || payment.status === 'partially_refunded') && left > 0) {
        const wanted = { amount: left, cause: 'order_cancelled', reason: 'order cancelled' };
        await this.refunds.requestIn(tx, payment, wanted);
      }
    });
  }

  /** Cancels orders whose payment the provider keeps leaving undecided; a later charge is refunded. */
  async cancelUnpaid(minutes: number): Promise<number> {
    const undecided = await this.payments.undecidedFor(this.database, minutes, 100);
    for (const orderId of undecided) {
      await inTransaction(this.database, async (tx) => {
        const order = await this.orders.lock(tx, orderId);
        if (order?.status === 'pending') await this.orders.endUnshipped(tx, order, 'unpaid');
      });
    }
    return undecided.length;
  }

  /** The order's row first, then the payment's; the order may be archived and gone, the payment stays. */
  private async lockBoth(
    tx: EntityManager,
    paymentId: string,
  ): Promise<{ order: LockedOrder; payment: PaymentRecord | null }> {
    const [order, payment] = await Promise.all([
      this.orders.lockOfPayment(tx, paymentId),
      this.payments.lock(tx, paymentId),
    ]);
    return { order, payment };
  }

  private async declineIn(
    tx: EntityManager,
    order: LockedOrder,
    payment: PaymentRecord | null,
    failureCode: string,
  ): Promise<void> {
    if (!payment || !(await this.fail(tx, payment, 'failed', failureCode))) return;
    if (order?.status === 'pending') await this.orders.endUnshipped(tx, order, 'payment_failed', failureCode);
  }

  private async fail(
    tx: EntityManager,
    payment: PaymentRecord,
    status: 'failed' | 'voided',
    failureCode: string,
  ): Promise<boolean> {
    const code = failureCode.slice(0, LONGEST_FAILURE_CODE);
    if (!(await this.move(tx, payment, status, { failureCode: code }))) return false;
    this.outbox.add(tx, {
      type: 'payment.failed',
      ...about(payment),
      data: { ...eventData(payment), failureCode: code },
    });
    return true;
  }

  private async move(
    tx: EntityManager,
    payment: PaymentRecord,
    to: PaymentStatus,
    change: { chargeId?: string; failureCode?: string },
  ): Promise<boolean> {
    const moved = await this.payments.setStatus(tx, payment.id, to, change);
    if (!moved) this.transitions.refused(PAYMENT, payment.status, to);
    return moved;
  }
}
