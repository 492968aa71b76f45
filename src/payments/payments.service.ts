import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { MoneyDto } from '../common/money.dto';
import { currentTrace, newTraceparent } from '../common/trace-context';
import type { Totals } from '../common/totals.dto';
import { inTransaction } from '../database/sql';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { Outbox } from '../messaging/outbox/outbox.service';
import { OrdersService } from '../orders/orders.service';
import { mayBecome } from './payment.state';
import { PaymentsRepository, type PaymentRecord } from './payments.repository';
import { RefundService } from './refund.service';
import type { ProviderCharge } from './sandbox.provider';

function about(payment: PaymentRecord) {
  return { subject: payment.id, orderId: payment.orderId };
}

function eventData(payment: PaymentRecord) {
  const { userId, provider } = payment;
  return { userId, provider, amount: MoneyDto.of(payment.amount, payment.currency) };
}

/** Decides payments together with their orders, in one transaction: the order's row is locked first, then the payment's. */
@Injectable()
export class PaymentsService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundService,
    private readonly orders: OrdersService,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
  ) {}

  /** A payment as it will be stored; its id is the provider's idempotency key. */
  prepare(wish: { orderId: string; userId: string; provider: string; token: string; totals: Totals }): PaymentRecord {
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

  async initiate(tx: EntityManager, payment: PaymentRecord): Promise<void> {
    await this.payments.insert(tx, payment);
    await this.outbox.add(tx, { type: 'payment.initiated', ...about(payment), data: eventData(payment) });
  }

  /**
   * Takes the provider's word on a charge: payment and order are decided in one transaction. Told again, or told of a
   * payment that is decided, it changes nothing; money taken for an order that has ended goes back at once.
   */
  async settle(charge: ProviderCharge): Promise<void> {
    await inTransaction(this.database, (tx) => this.settleIn(tx, charge));
  }

  async settleIn(tx: EntityManager, charge: ProviderCharge): Promise<void> {
    const known = await this.payments.find(tx, charge.idempotencyKey);
    if (!known) return;
    const order = await this.orders.lock(tx, known.orderId);
    const payment = await this.payments.lock(tx, known.id);
    if (!order || !payment) return;
    const status = charge.succeeded ? 'succeeded' : 'failed';
    // A webhook may overtake the worker that has not even marked its try as over: charging takes it too.
    if (!mayBecome(payment.status, status)) return;

    if (!charge.succeeded) {
      const failureCode = charge.failureCode ?? 'declined';
      await this.fail(tx, payment, failureCode);
      await this.orders.endUnshipped(tx, order, 'payment_failed', failureCode);
      return;
    }
    await this.payments.setStatus(tx, payment.id, 'succeeded', { chargeId: charge.id });
    await this.outbox.add(tx, {
      type: 'payment.succeeded',
      ...about(payment),
      data: { ...eventData(payment), chargeId: charge.id },
    });
    const rightAmount = charge.amount === payment.amount;
    if (rightAmount && (await this.orders.confirm(tx, order))) return;
    await this.refunds.requestIn(tx, payment, { amount: payment.amount, cause: 'not_wanted', reason: 'order ended' });
  }

  /** The order was cancelled: an untried payment is voided, a paid one refunded; a charge on its way settles first. */
  async undo(event: { id: string; orderId: string }): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.payments.name, event.id))) return;
      await this.orders.lock(tx, event.orderId);
      const payment = await this.payments.lockOfOrder(tx, event.orderId);
      if (!payment) return;
      if (payment.status === 'initiated') {
        await this.payments.setStatus(tx, payment.id, 'voided', { failureCode: 'voided' });
        await this.tellFailed(tx, payment, 'voided');
        return;
      }
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
    for (const { orderId } of undecided) {
      await inTransaction(this.database, async (tx) => {
        const order = await this.orders.lock(tx, orderId);
        if (order?.status === 'pending') await this.orders.endUnshipped(tx, order, 'unpaid');
      });
    }
    return undecided.length;
  }

  private async fail(tx: EntityManager, payment: PaymentRecord, failureCode: string): Promise<void> {
    await this.payments.setStatus(tx, payment.id, 'failed', { failureCode });
    await this.tellFailed(tx, payment, failureCode);
  }

  private async tellFailed(tx: EntityManager, payment: PaymentRecord, failureCode: string): Promise<void> {
    await this.outbox.add(tx, {
      type: 'payment.failed',
      ...about(payment),
      data: { ...eventData(payment), failureCode },
    });
  }
}
