import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService } from '../audit/audit.service';
import { MoneyDto } from '../common/money.dto';
import { inTransaction, type Executor } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { BackgroundWork } from '../messaging/background-work';
import { Outbox } from '../messaging/outbox/outbox.service';
import { TransitionMetrics } from '../observability/transition-metrics';
import { OrdersService } from '../orders/orders.service';
import { Settings } from '../settings/settings';
import { RefundDto } from './dto/refund.dto';
import { nothingToRefund, paymentNotFound } from './payments.errors';
import { PaymentAttemptsRepository } from './payment-attempts.repository';
import { PAYMENT } from './payment.state';
import { PaymentsRepository, type PaymentRecord } from './payments.repository';
import { REFUND, type RefundStatus } from './refund.state';
import { RefundsRepository, type LeasedRefund, type RefundRecord } from './refunds.repository';
import { SandboxProvider, type RefundAnswer } from './sandbox.provider';

const BATCH = 20;
const POLL_MS = 1_000;
const LONGEST_RETRY_SECONDS = 60;

type MadeRefund = Pick<RefundRecord, 'id' | 'paymentId' | 'orderId' | 'amount' | 'reason'>;

function retrySeconds(tries: number): number {
  return Math.min(LONGEST_RETRY_SECONDS, 2 ** Math.min(tries, 6));
}

/** Gives money back: a request is a row, sent by leased workers under its own id as the provider's key. */
@Injectable()
export class RefundService {
  readonly work: BackgroundWork;
  private readonly logger = new Logger(RefundService.name);
  private readonly leaseSeconds: number;

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly payments: PaymentsRepository,
    private readonly attempts: PaymentAttemptsRepository,
    private readonly refunds: RefundsRepository,
    private readonly orders: OrdersService,
    private readonly provider: SandboxProvider,
    private readonly outbox: Outbox,
    private readonly idempotency: Idempotency,
    private readonly transitions: TransitionMetrics,
    private readonly audit: AuditService,
    settings: Settings,
  ) {
    // Two calls of the provider may follow each other within one lease: a lookup, then a refund.
    this.leaseSeconds = Math.ceil((2 * settings.paymentTimeoutMs) / 1000) + 5;
    this.work = new BackgroundWork({ name: 'refunds', everyMs: POLL_MS, run: () => this.sendDue() });
  }

  /** Asks for a refund of a payment the caller has locked; never more than what is left, once per cause. */
  async requestIn(
    tx: EntityManager,
    payment: PaymentRecord,
    refund: { amount: number; cause: string; reason: string },
  ): Promise<string | null> {
    const left = payment.amount - (await this.refunds.promised(tx, payment.id));
    const amount = Math.min(refund.amount, left);
    if (amount <= 0) return null;
    const id = uuidv7();
    return (await this.refunds.insert(tx, { id, paymentId: payment.id, ...refund, amount })) ? id : null;
  }

  /** A refund asked for by staff; all that is left when no amount is given. */
  async request(
    orderId: string,
    wish: { amount: number | null; reason: string; staffId: string },
    request: IdempotentRequest,
  ): Promise<Outcome<RefundDto>> {
    const outcome = await inTransaction(this.database, (tx) =>
      this.idempotency.once(tx, request, async () => {
        await this.orders.lock(tx, orderId);
        const payment = await this.payments.lockOfOrder(tx, orderId);
        if (!payment) throw paymentNotFound();
        const paid = payment.status === 'succeeded' || payment.status === 'partially_refunded';
        const left = paid ? payment.amount - (await this.refunds.promised(tx, payment.id)) : 0;
        const amount = wish.amount ?? left;
        if (amount <= 0 || amount > left) throw nothingToRefund(left);
        const id = await this.requestIn(tx, payment, { amount, cause: `staff:${uuidv7()}`, reason: wish.reason });
        if (id === null) throw nothingToRefund(left);
        await this.audit.record(tx, wish.staffId, [
          {
            action: 'refund.requested',
            subjectType: 'refund',
            subjectId: id,
            before: null,
            after: { orderId, amount },
          },
        ]);
        return RefundDto.of({ id, orderId, amount, currency: payment.currency, reason: wish.reason });
      }),
    );
    this.work.wake();
    return outcome;
  }

  private async sendDue(): Promise<void> {
    if (!(await this.provider.answers())) return;
    const due = await this.refunds.leaseDue(this.database, this.leaseSeconds, BATCH);
    await Promise.all(
      due.map((refund) =>
        this.send(refund).catch((error: unknown) => {
          this.logger.warn(`refund ${refund.id} waits for its lease: ${String(error)}`);
        }),
      ),
    );
    if (due.length === BATCH) this.work.wake();
  }

  private async send(refund: LeasedRefund): Promise<void> {
    const answer = await this.askFirst(refund);
    if (answer.outcome === 'refunded') await this.succeed(refund, answer.refundId);
    else if (answer.outcome === 'rejected') await this.giveUp(refund, answer.detail);
    else await this.refunds.postpone(this.database, refund.id, retrySeconds(refund.tries), answer.detail);
    const detail = answer.outcome === 'refunded' ? answer.refundId : answer.detail;
    await this.attempts.finish(this.database, { id: refund.attemptId, outcome: answer.outcome, detail });
  }

  private async giveUp(refund: RefundRecord, detail: string): Promise<void> {
    this.logger.error(`refund ${refund.id} of payment ${refund.paymentId} is a case for people: ${detail}`);
    if (await this.refunds.fail(this.database, refund.id, detail)) return;
    await this.refuse(this.database, refund, 'failed');
  }

  /** Tried before: it may be done, and the provider forgets keys after a day. Only what it does not list is sent again. */
  private async askFirst(refund: RefundRecord): Promise<RefundAnswer> {
    if (refund.tries > 1) {
      const listed = await this.provider.chargesOf(refund.paymentId).catch((error: unknown) => String(error));
      if (typeof listed === 'string') return { outcome: 'unknown', detail: listed };
      if (listed.unreadable > 0) {
        return { outcome: 'unknown', detail: 'the provider lists a charge that cannot be read' };
      }
      const charge = listed.charges.find(({ id }) => id === refund.chargeId);
      const done = charge?.refunds.find(({ idempotencyKey }) => idempotencyKey === refund.id);
      if (done) return { outcome: 'refunded', refundId: done.id };
    }
    return this.provider.refund(refund.chargeId, refund.id, refund.amount);
  }

  /** The provider has made this refund; told again, nothing changes. False when it changed nothing. */
  async succeed(refund: MadeRefund, providerRefundId: string): Promise<boolean> {
    return inTransaction(this.database, async (tx) => {
      await this.orders.lock(tx, refund.orderId);
      const payment = await this.payments.lock(tx, refund.paymentId);
      if (!payment) return false;
      if (!(await this.refunds.succeed(tx, refund.id, providerRefundId))) {
        await this.refuse(tx, refund, 'succeeded');
        return false;
      }
      const refunded = payment.refunded + refund.amount;
      const status = refunded === payment.amount ? 'refunded' : 'partially_refunded';
      if (!(await this.payments.setStatus(tx, payment.id, status, { refunded }))) {
        this.transitions.refused(PAYMENT, payment.status, status);
        return false;
      }
      this.outbox.add(tx, {
        type: 'payment.refunded',
        subject: payment.id,
        orderId: payment.orderId,
        data: {
          userId: payment.userId,
          provider: payment.provider,
          amount: MoneyDto.of(payment.amount, payment.currency),
          refundId: refund.id,
          refunded: MoneyDto.of(refund.amount, payment.currency),
          refundedTotal: MoneyDto.of(refunded, payment.currency),
        },
      });
      return true;
    });
  }

  private async refuse(executor: Executor, refund: Pick<RefundRecord, 'id'>, to: RefundStatus): Promise<void> {
    this.transitions.refused(REFUND, await this.refunds.statusOf(executor, refund.id), to);
  }
}
