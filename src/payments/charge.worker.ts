import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { DataSource } from 'typeorm';
import { runInTrace } from '../common/trace-context';
import { BackgroundWork } from '../messaging/background-work';
import { TransitionMetrics } from '../observability/transition-metrics';
import { Settings } from '../settings/settings';
import { PaymentAttemptsRepository } from './payment-attempts.repository';
import { PAYMENT } from './payment.state';
import { PaymentsRepository, type LeasedPayment } from './payments.repository';
import { PaymentsService } from './payments.service';
import type { ProviderCharge } from './provider-charge.reader';
import { KEY_MEMORY_HOURS, SandboxProvider } from './sandbox.provider';
import { SettlementService } from './settlement.service';

/** Charges run side by side, whatever the number of Kafka partitions: a slow one holds up no other. */
const SIDE_BY_SIDE = 32;
const POLL_MS = 1_000;
const FIRST_RETRY_SECONDS = 0.5;
const LONGEST_RETRY_SECONDS = 60;
/** A server that closes has 10 s. The provider's calls have ended by then; the lease makes up for what has not. */
const SETTLED_WITHIN_MS = 7_000;
/** What the provider said no to: such a payment waits for it no longer than `UNPAID_ORDER_MINUTES`. */
const ANSWERS: ReadonlySet<string> = new Set(['refused_for_now', 'not_found']);

/**
 * Charges what is due. No transaction and no lock is open while the provider is called: a lease keeps others away, and
 * runs out with the worker. After an unknown outcome the provider is asked before it is told to charge again. An order
 * that has ended is charged no more: the provider is only asked.
 */
@Injectable()
export class ChargeWorker {
  readonly work: BackgroundWork;
  private readonly logger = new Logger(ChargeWorker.name);
  private readonly leaseSeconds: number;
  private readonly running = new Set<Promise<void>>();

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly payments: PaymentsRepository,
    private readonly attempts: PaymentAttemptsRepository,
    private readonly service: PaymentsService,
    private readonly settlement: SettlementService,
    private readonly provider: SandboxProvider,
    private readonly transitions: TransitionMetrics,
    @InjectMetric('payment_attempts_total') private readonly attemptsTotal: Counter<'outcome'>,
    settings: Settings,
  ) {
    // Two calls of the provider may follow each other within one lease: a lookup, then a charge.
    this.leaseSeconds = Math.ceil((2 * settings.paymentTimeoutMs) / 1000) + 5;
    this.work = new BackgroundWork({ name: 'charges', everyMs: POLL_MS, run: () => this.startDue() });
  }

  /** Something is to be charged; called by the payment listener. */
  wake(): void {
    this.work.wake();
  }

  /** Charges under way end before the pools close, or are left to their lease. */
  async settled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, SETTLED_WITHIN_MS)));
    await Promise.race([Promise.all(this.running), late]);
    clearTimeout(timer);
  }

  private async startDue(): Promise<void> {
    const free = SIDE_BY_SIDE - this.running.size;
    if (free <= 0 || !(await this.provider.answers())) return;
    const leased = await this.payments.leaseDue(this.database, {
      seconds: this.leaseSeconds,
      limit: free,
      keyMemoryHours: KEY_MEMORY_HOURS,
    });
    for (const payment of leased) {
      const charge = runInTrace({ requestId: payment.id, traceparent: payment.traceparent }, () =>
        this.tryOnce(payment),
      )
        .catch((error: unknown) => this.logger.warn(`payment ${payment.id} waits for its lease: ${String(error)}`))
        .finally(() => {
          this.running.delete(charge);
          this.wake();
        });
      this.running.add(charge);
    }
  }

  private async tryOnce(payment: LeasedPayment): Promise<void> {
    if (payment.before !== 'initiated') {
      const found = await this.provider.findCharge(payment.id).catch((error: unknown) => String(error));
      if (typeof found === 'string') return this.later(payment, 'unknown', found);
      if (found) {
        return this.settle(payment, found, 'found', found.id);
      }
    }
    if (!payment.wanted) {
      await this.service.abandon(payment.id);
      return this.finish(payment, 'voided', 'the order has ended');
    }
    if (payment.before !== 'initiated' && !payment.keyRemembered) {
      return this.later(payment, 'not_found', 'only asked: the key may be forgotten');
    }
    const answer = await this.provider.charge(payment);
    if (answer.outcome === 'rejected') {
      await this.service.decline(payment.id, answer.failureCode);
      return this.finish(payment, 'rejected', answer.failureCode);
    }
    if (answer.outcome !== 'charged') return this.later(payment, answer.outcome, answer.detail);
    const { succeeded, failureCode } = answer.charge;
    return this.settle(payment, answer.charge, succeeded ? 'succeeded' : 'failed', failureCode);
  }

  private async settle(
    payment: LeasedPayment,
    charge: ProviderCharge,
    outcome: string,
    detail: string | null,
  ): Promise<void> {
    const { attemptId } = payment;
    const attempt = attemptId === null ? null : { id: attemptId, outcome, detail };
    await this.settlement.settle({ payment, charge, attempt });
    this.attemptsTotal.inc({ outcome });
  }

  private async finish(payment: LeasedPayment, outcome: string, detail: string | null): Promise<void> {
    this.attemptsTotal.inc({ outcome });
    if (payment.attemptId === null) return;
    await this.attempts.finish(this.database, { id: payment.attemptId, outcome, detail });
  }

  private async later(payment: LeasedPayment, outcome: string, detail: string): Promise<void> {
    const seconds = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** Math.min(payment.tries - 1, 10));
    if (!(await this.payments.postpone(this.database, payment.id, seconds, ANSWERS.has(outcome)))) {
      const now = await this.payments.find(this.database, payment.id);
      this.transitions.refused(PAYMENT, now?.status ?? null, 'unknown');
    }
    await this.finish(payment, outcome, detail);
  }
}
