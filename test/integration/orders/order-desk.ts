import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { DataSource } from 'typeorm';
import { AuditRepository } from '../../../src/audit/audit.repository';
import { AuditService } from '../../../src/audit/audit.service';
import { sql } from '../../../src/database/sql';
import { ArchiveService } from '../../../src/history/archive.service';
import { Idempotency } from '../../../src/http/idempotency/idempotency.service';
import { Inbox } from '../../../src/messaging/inbox/inbox.service';
import { Outbox } from '../../../src/messaging/outbox/outbox.service';
import { TransitionMetrics } from '../../../src/observability/transition-metrics';
import type { OrderStatus } from '../../../src/orders/order.state';
import { OrderMetrics } from '../../../src/orders/orders.metrics';
import { OrdersRepository } from '../../../src/orders/orders.repository';
import { OrdersService } from '../../../src/orders/orders.service';
import { PlacementRepository } from '../../../src/orders/placement.repository';
import type { PaymentStatus } from '../../../src/payments/payment.state';
import { PaymentAttemptsRepository } from '../../../src/payments/payment-attempts.repository';
import { PaymentsRepository } from '../../../src/payments/payments.repository';
import { PaymentsService } from '../../../src/payments/payments.service';
import { ProviderCircuit } from '../../../src/payments/provider-circuit.policy';
import { RefundService } from '../../../src/payments/refund.service';
import { RefundsRepository } from '../../../src/payments/refunds.repository';
import type { ShipmentStatus } from '../../../src/shipping/shipment.state';
import { ShipmentsRepository } from '../../../src/shipping/shipments.repository';
import { ShippingService } from '../../../src/shipping/shipping.service';
import { SandboxProvider } from '../../../src/payments/sandbox.provider';
import { Settings } from '../../../src/settings/settings';
import { CountedTransitions } from '../../support/counted-transitions';
import { DeadlockCounter } from '../../support/deadlock-counter';
import { ScratchDatabase } from '../../support/scratch-database';

/** An order with all that hangs on it. */
export interface Life {
  order: OrderStatus;
  payment: PaymentStatus;
  shipment: ShipmentStatus | null;
  /** Events of the order's own, beside `order.created`. */
  moves: number;
  /** Cents of refunds asked for. */
  promised: number;
}

export const CENTS = 1999;

/** Counted for operators; nobody reads them here. */
const METERS = [
  'inbox_duplicates_total',
  'payment_undos_refused_total',
  'payment_circuit_state',
  'payment_circuit_opens_total',
];

/** Orders, payments and shipments by themselves: a real orders database; no worker runs, and no provider is called. */
export class OrderDesk {
  private constructor(
    readonly orders: OrdersService,
    readonly payments: PaymentsService,
    readonly charges: PaymentsRepository,
    readonly shipping: ShippingService,
    readonly transitions: CountedTransitions,
    readonly deadlocks: DeadlockCounter,
    readonly database: DataSource,
    private readonly scratch: ScratchDatabase,
    private readonly module: TestingModule,
  ) {}

  static async open(): Promise<OrderDesk> {
    const scratch = await ScratchDatabase.create('orders');
    const database = await scratch.open();
    await database.runMigrations();
    const transitions = new CountedTransitions();
    const deadlocks = new DeadlockCounter(database);
    const module = await Test.createTestingModule({
      providers: [
        ...[AuditService, AuditRepository],
        ...[OrdersService, OrdersRepository, PlacementRepository, ShippingService, ShipmentsRepository],
        ...[PaymentsService, PaymentsRepository, PaymentAttemptsRepository],
        ...[RefundService, RefundsRepository, SandboxProvider],
        ProviderCircuit,
        ...[Outbox, Inbox, Idempotency],
        { provide: Settings, useValue: new Settings(Settings.REQUIRED_FOR_DESCRIPTION) },
        { provide: getDataSourceToken('orders'), useValue: database },
        { provide: ArchiveService, useValue: { find: () => Promise.resolve(null) } },
        { provide: OrderMetrics, useValue: { moved: () => undefined } },
        { provide: TransitionMetrics, useValue: transitions },
        ...METERS.map((name) => ({
          provide: getToken(name),
          useValue: { inc: () => undefined, set: () => undefined },
        })),
      ],
    }).compile();
    // What goes wrong here goes wrong on purpose.
    Logger.overrideLogger(false);
    const desk = [module.get(OrdersService), module.get(PaymentsService), module.get(PaymentsRepository)] as const;
    return new OrderDesk(...desk, module.get(ShippingService), transitions, deadlocks, database, scratch, module);
  }

  async close(): Promise<void> {
    await this.module.close();
    await this.scratch.drop();
  }

  /** A pending order with its payment initiated, as placing stores them. */
  async order(): Promise<{ id: string; paymentId: string }> {
    const [id, paymentId] = [randomUUID(), randomUUID()];
    await this.database.transaction(async (tx) => {
      await sql(
        tx,
        `INSERT INTO orders (id, number, user_id, total_amount, subtotal_amount, shipping_address_id, shipping_address,
           shipping_method, payment_id, checkout_id)
         VALUES ($1, 'TP-' || nextval('order_numbers'), $1, 19.99, 19.99, $1, '{}', 'standard', $2, $1)`,
        [id, paymentId],
      );
      await sql(
        tx,
        `INSERT INTO order_items (id, order_id, line, product_id, sku, name, quantity, price_at_purchase)
         VALUES ($1, $1, 1, $1, 'SKU', 'Thing', 1, 19.99)`,
        [id],
      );
      await sql(
        tx,
        `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent)
         VALUES ($2, $1, $1, 'sandbox', 'tok_ok', 19.99, '-')`,
        [id, paymentId],
      );
    });
    return { id, paymentId };
  }

  async life(id: string): Promise<Life> {
    const [row] = await sql<Life>(
      this.database,
      `SELECT o.status AS "order", p.status AS payment, s.status AS shipment,
              (SELECT count(*)::int FROM outbox WHERE subject = o.id) AS moves,
              (SELECT coalesce(sum(amount) * 100, 0)::int FROM refunds WHERE payment_id = p.id) AS promised
       FROM orders o
       JOIN payments p ON p.id = o.payment_id
       LEFT JOIN shipments s ON s.order_id = o.id
       WHERE o.id = $1`,
      [id],
    );
    if (!row) throw new Error(`no order ${id}`);
    return row;
  }
}
