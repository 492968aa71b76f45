import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { Outbox } from '../messaging/outbox/outbox.service';
import { OrdersService } from '../orders/orders.service';
import { PaymentAttemptsRepository, type AttemptEnd } from './payment-attempts.repository';
import { toSucceeded } from './payment-event.mapper';
import { PAYMENT } from './payment.state';
import { PaymentsRepository, type PaymentRecord } from './payments.repository';
import { PaymentsService } from './payments.service';
import { isAsAgreed, type ProviderCharge } from './provider-charge.reader';

const SETTLE_TOGETHER_MS = 20;
const MOST_TOGETHER = 32;

/** A try of a payment that the provider has answered, and how its attempt ended. */
interface AnsweredTry {
  payment: Pick<PaymentRecord, 'id' | 'orderId' | 'amount' | 'currency'>;
  charge: ProviderCharge;
  attempt: AttemptEnd | null;
}

/**
 * Settles what the charge worker brings home. Most charges are just what was asked for, of an order that waits for
 * them: those that come within a moment are settled by one transaction. Any other, and all when that one fails, are
 * settled each by itself, so that none fails by its neighbour.
 */
@Injectable()
export class SettlementService {
  private readonly logger = new Logger(SettlementService.name);
  private readonly together = new DataLoader<AnsweredTry, boolean>((tries) => this.settleTogether(tries), {
    cache: false,
    maxBatchSize: MOST_TOGETHER,
    batchScheduleFn: (settle) => setTimeout(settle, SETTLE_TOGETHER_MS),
  });

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly payments: PaymentsRepository,
    private readonly attempts: PaymentAttemptsRepository,
    private readonly service: PaymentsService,
    private readonly orders: OrdersService,
    private readonly outbox: Outbox,
  ) {}

  async settle(answered: AnsweredTry): Promise<void> {
    const { payment, charge, attempt } = answered;
    const asWanted = charge.succeeded && charge.idempotencyKey === payment.id && isAsAgreed(charge, payment);
    if (asWanted && (await this.together.load(answered))) return;
    await this.service.settle(charge, (tx) => {
      if (attempt) this.attempts.finishIn(tx, [attempt]);
    });
  }

  /** Which of them are settled. */
  private async settleTogether(tries: readonly AnsweredTry[]): Promise<boolean[]> {
    try {
      const { over, confirmed } = await this.settleWaiting(tries);
      this.orders.countConfirmed(confirmed);
      return tries.map((answered) => over.has(answered));
    } catch (error) {
      this.logger.warn(`${tries.length} charges are settled one by one: ${String(error)}`);
      return tries.map(() => false);
    }
  }

  /**
   * Those whose payment and order wait for just this, under their locks, or know it; the others are left as they are, and
   * so is what somebody else holds just now: one row that is waited for would make all of them wait.
   */
  private settleWaiting(tries: readonly AnsweredTry[]): Promise<{ over: ReadonlySet<AnsweredTry>; confirmed: number }> {
    return inTransaction(this.database, async (tx) => {
      const [orders, payments] = await Promise.all([
        this.orders.lockFree(
          tx,
          tries.map(({ payment }) => payment.orderId),
        ),
        this.payments.lockFree(
          tx,
          tries.map(({ payment }) => payment.id),
        ),
      ]);
      const waiting = tries.flatMap((answered) => {
        const order = orders.get(answered.payment.orderId);
        const payment = payments.get(answered.payment.id);
        const waits = order?.status === 'pending' && payment && PAYMENT.allows(payment.status, 'succeeded');
        return waits ? [{ answered, order, payment }] : [];
      });
      // Its webhook was faster, and has decided all.
      const known = tries.filter(({ payment, charge }) => payments.get(payment.id)?.chargeId === charge.id);

      const charges = waiting.map(({ payment, answered }) => ({ paymentId: payment.id, chargeId: answered.charge.id }));
      const moved = charges.length > 0 ? await this.payments.succeedAll(tx, charges) : new Set<string>();
      // Of two tries of one payment the first settles it.
      const settled = waiting.filter(({ payment }) => moved.delete(payment.id));
      const paid = settled.map(({ order, payment: { id, traceparent } }) => ({ order, cause: { id, traceparent } }));
      settled.forEach(({ payment, answered }, index) =>
        this.outbox.add(tx, { ...toSucceeded(payment, answered.charge.id), cause: paid[index]?.cause }),
      );
      const confirmed = paid.length > 0 ? await this.orders.confirmAll(tx, paid) : new Set();
      // Paid and pending under their locks: otherwise nothing of this may be kept.
      if (confirmed.size !== paid.length) throw new Error('a paid order could not be confirmed');
      const over = [...settled.map(({ answered }) => answered), ...known];
      this.attempts.finishIn(
        tx,
        over.flatMap(({ attempt }) => attempt ?? []),
      );
      return { over: new Set(over), confirmed: confirmed.size };
    });
  }
}
