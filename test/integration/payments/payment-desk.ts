import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { DataSource } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditRepository } from '../../../src/audit/audit.repository';
import { AuditService } from '../../../src/audit/audit.service';
import { toAmount } from '../../../src/common/money';
import { ArchiveService } from '../../../src/history/archive.service';
import { Idempotency } from '../../../src/http/idempotency/idempotency.service';
import { Inbox } from '../../../src/messaging/inbox/inbox.service';
import { Outbox } from '../../../src/messaging/outbox/outbox.service';
import { TransitionMetrics } from '../../../src/observability/transition-metrics';
import { OrderMetrics } from '../../../src/orders/orders.metrics';
import { OrdersRepository } from '../../../src/orders/orders.repository';
import { OrdersService } from '../../../src/orders/orders.service';
import { PlacementRepository } from '../../../src/orders/placement.repository';
import { ChargeWorker } from '../../../src/payments/charge.worker';
import { PaymentAttemptsRepository } from '../../../src/payments/payment-attempts.repository';
import { PaymentRepairService } from '../../../src/payments/payment-repair.service';
import { PaymentsRepository } from '../../../src/payments/payments.repository';
import { PaymentsService } from '../../../src/payments/payments.service';
import { ProviderCircuit } from '../../../src/payments/provider-circuit.policy';
import { ReconciliationRepository } from '../../../src/payments/reconciliation.repository';
import { ReconciliationService } from '../../../src/payments/reconciliation.service';
import { RefundService } from '../../../src/payments/refund.service';
import { RefundsRepository } from '../../../src/payments/refunds.repository';
import { SandboxProvider } from '../../../src/payments/sandbox.provider';
import { SettlementService } from '../../../src/payments/settlement.service';
import { TakenPayments } from '../../../src/payments/taken-payments.reader';
import { Settings } from '../../../src/settings/settings';
import { CountedTransitions } from '../../support/counted-transitions';
import { eventually } from '../../support/eventually';
import { ScratchDatabase } from '../../support/scratch-database';
import { ScriptedProvider, type BookedCharge } from './scripted-provider';

/** What is counted and shown, by name. */
class Meter {
  value = 0;
  readonly byKind = new Map<string, number>();
  inc(): void {
    this.value += 1;
  }
  set(first: number | { kind?: string }, second?: number): void {
    this.value = typeof first === 'number' ? first : (second ?? 0);
    if (typeof first === 'object' && first.kind !== undefined) this.byKind.set(first.kind, this.value);
  }
}
const METERS = [
  'payment_attempts_total',
  'inbox_duplicates_total',
  'payment_circuit_state',
  'payment_circuit_opens_total',
  'payment_undos_refused_total',
  'reconciliation_cases',
  'reconciliation_healed_total',
] as const;

export interface Payment {
  status: string;
  failure_code: string | null;
  refunded_amount: string;
  answered: boolean;
}

/** Payments by themselves: a real orders database, a provider that the test scripts, and no Kafka. */
export class PaymentDesk {
  private constructor(
    readonly provider: ScriptedProvider,
    readonly service: PaymentsService,
    readonly worker: ChargeWorker,
    readonly refunds: RefundService,
    readonly reconciliation: ReconciliationService,
    readonly meters: Map<string, Meter>,
    /** Orders, by what they became. */
    readonly moved: ReadonlyMap<string, number>,
    private readonly transitions: CountedTransitions,
    private readonly scratch: ScratchDatabase,
    private readonly database: DataSource,
    private readonly module: TestingModule,
  ) {}

  static async open({ timeoutMs = 500 } = {}): Promise<PaymentDesk> {
    const provider = new ScriptedProvider();
    const url = await provider.open();
    const scratch = await ScratchDatabase.create('orders');
    const database = await scratch.open();
    await database.runMigrations();
    const env = {
      ...Settings.REQUIRED_FOR_DESCRIPTION,
      PAYMENT_PROVIDER_URL: url,
      PAYMENT_TIMEOUT_MS: String(timeoutMs),
    };
    const transitions = new CountedTransitions();
    const moved = new Map<string, number>();
    const meters = new Map(METERS.map((name) => [String(name), new Meter()]));
    const module = await Test.createTestingModule({
      providers: [
        ...[AuditService, AuditRepository],
        ...[PaymentsRepository, RefundsRepository, SandboxProvider, RefundService, PaymentsService, ChargeWorker],
        ...[SettlementService, PaymentAttemptsRepository],
        ...[ProviderCircuit, ReconciliationRepository, ReconciliationService, PaymentRepairService],
        ...[OrdersService, OrdersRepository, PlacementRepository, Outbox, Inbox, Idempotency],
        { provide: Settings, useValue: new Settings(env) },
        { provide: getDataSourceToken('orders'), useValue: database },
        { provide: ArchiveService, useValue: { find: () => Promise.resolve(null) } },
        {
          provide: OrderMetrics,
          useValue: { moved: (to: string, orders = 1) => void moved.set(to, (moved.get(to) ?? 0) + orders) },
        },
        { provide: TransitionMetrics, useValue: transitions },
        ...[...meters].map(([name, useValue]) => ({ provide: getToken(name), useValue })),
      ],
    }).compile();
    // What goes wrong here goes wrong on purpose.
    Logger.overrideLogger(false);
    const desk = new PaymentDesk(
      provider,
      module.get(PaymentsService),
      module.get(ChargeWorker),
      module.get(RefundService),
      module.get(ReconciliationService),
      meters,
      moved,
      transitions,
      scratch,
      database,
      module,
    );
    desk.worker.work.start();
    desk.refunds.work.start();
    return desk;
  }

  get repair(): PaymentRepairService {
    return this.module.get(PaymentRepairService);
  }

  takenPayments(from: Date): TakenPayments {
    return new TakenPayments(this.database, this.module.get(ReconciliationRepository), from);
  }

  /** One more, with what a worker gathers there of its own. */
  settlement(): Promise<SettlementService> {
    return this.module.get(ModuleRef).create(SettlementService);
  }

  get refusals(): Promise<Record<string, number>> {
    return this.transitions.refusals();
  }

  async close(): Promise<void> {
    await Promise.all([this.worker.work.stop(), this.refunds.work.stop()]);
    await this.worker.settled();
    await this.module.close();
    this.provider.close();
    await this.scratch.drop();
  }

  /** An order of this many cents, as placing stores it; what it `is` when no worker has seen its payment yet. */
  async order(
    is: { status?: string; payment?: string; cents?: number } = {},
  ): Promise<{ id: string; paymentId: string }> {
    const id = randomUUID();
    const paymentId = uuidv7();
    const amount = toAmount(is.cents ?? 1999);
    await this.database.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO orders (id, number, user_id, total_amount, subtotal_amount, status, shipping_address_id,
           shipping_address, shipping_method, payment_id, checkout_id)
         VALUES ($1, 'TP-' || nextval('order_numbers'), $2, $3, $3, $4, $2, '{}', 'standard', $5, $2)`,
        [id, randomUUID(), amount, is.status ?? 'pending', paymentId],
      );
      await tx.query(
        `INSERT INTO order_items (id, order_id, line, product_id, sku, name, quantity, price_at_purchase)
         VALUES ($1, $2, 1, $1, 'SKU', 'Thing', 1, $3)`,
        [randomUUID(), id, amount],
      );
      await tx.query(
        `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent, status)
         VALUES ($1, $2, $3, 'sandbox', 'tok_ok', $4, $5, $6)`,
        [
          paymentId,
          id,
          randomUUID(),
          amount,
          '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          is.payment ?? 'initiated',
        ],
      );
    });
    return { id, paymentId };
  }

  async rows<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    const rows: T[] = await this.database.query(text, values);
    return rows;
  }

  /** Does this while somebody else holds the row. */
  async holding<T>(table: 'orders' | 'payments', id: string, work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(`SELECT id FROM ${table} WHERE id = $1 FOR UPDATE`, [id]);
      return work();
    });
  }

  async payment(id: string): Promise<Payment> {
    const [payment] = await this.rows<Payment>(
      `SELECT status, failure_code, refunded_amount, first_answered_at IS NOT NULL AS answered
       FROM payments WHERE id = $1`,
      [id],
    );
    if (!payment) throw new Error(`no payment ${id}`);
    return payment;
  }

  /** The payment once it is so. */
  async paymentToBe(id: string, status: string, withinMs?: number): Promise<Payment> {
    return eventually(
      `payment to be ${status}`,
      async () => {
        const payment = await this.payment(id);
        return payment.status === status && payment;
      },
      withinMs,
    );
  }

  async orderStatus(id: string): Promise<string | undefined> {
    return (await this.rows<{ status: string }>('SELECT status FROM orders WHERE id = $1', [id]))[0]?.status;
  }

  meter(name: (typeof METERS)[number]): number {
    return this.meters.get(name)?.value ?? 0;
  }

  /** Types of the events of this order, in their order. */
  async events(orderId: string): Promise<string[]> {
    const rows = await this.rows<{ type: string }>('SELECT type FROM outbox WHERE order_id = $1 ORDER BY position', [
      orderId,
    ]);
    return rows.map(({ type }) => type);
  }

  /** The charge as the provider tells of it. */
  charge(paymentId: string, fields: Partial<BookedCharge> = {}): BookedCharge {
    return {
      id: `ch_${paymentId}`,
      idempotencyKey: paymentId,
      status: 'succeeded',
      amount: '19.99',
      currency: 'USD',
      createdAt: new Date().toISOString(),
      refunds: [],
      ...fields,
    };
  }
}
