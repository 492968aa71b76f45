import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditService } from '../audit/audit.service';
import type { AppError } from '../common/app-error';
import { MoneyDto } from '../common/money.dto';
import { inTransaction } from '../database/sql';
import type { EventCause, NewEvent } from '../events/envelope';
import type { CancelReason, OrderEventData } from '../events/order.events';
import { ArchiveService } from '../history/archive.service';
import { Outbox } from '../messaging/outbox/outbox.service';
import { TransitionMetrics } from '../observability/transition-metrics';
import type { OrderItemRecord, OrderRecord, ShippingAddress } from './order.record';
import { ORDER, type OrderStatus } from './order.state';
import { OrderMetrics } from './orders.metrics';
import { orderCannotBecome, orderNotFound } from './orders.errors';
import { OrdersRepository } from './orders.repository';
import { PlacementRepository } from './placement.repository';

/** What each order event says of its order. */
function eventData(order: OrderRecord): OrderEventData {
  return {
    number: order.number,
    userId: order.userId,
    checkoutId: order.checkoutId,
    paymentId: order.payment.id,
    total: MoneyDto.of(order.totals.total, order.totals.currency),
    items: order.items.map((item) => ({
      productId: item.productId,
      sku: item.sku,
      name: item.name,
      quantity: item.quantity,
      unitPrice: MoneyDto.of(item.unitPrice, order.totals.currency),
    })),
  };
}

function about(order: OrderRecord): { subject: string; orderId: string } {
  return { subject: order.id, orderId: order.id };
}

/** An order's life: each change and its event are one transaction, with the order's row locked first. */
@Injectable()
export class OrdersService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly orders: OrdersRepository,
    private readonly placements: PlacementRepository,
    private readonly archive: ArchiveService,
    private readonly outbox: Outbox,
    private readonly metrics: OrderMetrics,
    private readonly transitions: TransitionMetrics,
    private readonly audit: AuditService,
  ) {}

  /** Stores the order of a checkout whose placement was just decided in this transaction. */
  async place(
    tx: EntityManager,
    checkout: {
      id: string;
      orderId: string;
      userId: string;
      cartId: string;
      cartVersion: number;
      lines: readonly OrderItemRecord[];
      totals: OrderRecord['totals'];
      shippingAddress: ShippingAddress;
      shippingMethod: string;
      paymentId: string;
    },
  ): Promise<OrderRecord> {
    const { number, createdAt } = await this.orders.insert(tx, {
      ...checkout,
      id: checkout.orderId,
      checkoutId: checkout.id,
      items: checkout.lines,
    });
    const order: OrderRecord = {
      id: checkout.orderId,
      number,
      userId: checkout.userId,
      status: 'pending',
      totals: checkout.totals,
      shippingAddress: checkout.shippingAddress,
      shippingMethod: checkout.shippingMethod,
      checkoutId: checkout.id,
      cancelReason: null,
      cancelNote: null,
      version: 1,
      createdAt,
      updatedAt: createdAt,
      completedAt: null,
      items: [...checkout.lines],
      payment: { id: checkout.paymentId, status: 'initiated', provider: 'sandbox', refunded: 0 },
      shipment: null,
    };
    const data = { ...eventData(order), cartId: checkout.cartId, cartVersion: checkout.cartVersion };
    this.outbox.add(tx, { type: 'order.created', subject: order.id, orderId: order.id, data });
    return order;
  }

  /** Locks the order for a change; payments of it are locked only after. */
  lock(tx: EntityManager, orderId: string): Promise<OrderRecord | null> {
    return this.orders.lock(tx, orderId);
  }

  /** The same of many, but only of those that nobody holds just now; by id. */
  lockFree(tx: EntityManager, orderIds: readonly string[]): Promise<Map<string, OrderRecord>> {
    return this.orders.lockFree(tx, orderIds);
  }

  /** The same for the order of a payment. */
  lockOfPayment(tx: EntityManager, paymentId: string): Promise<OrderRecord | null> {
    return this.orders.lockOfPayment(tx, paymentId);
  }

  /** What became of an order that has left for the archive; null while it is in PostgreSQL, or nowhere. */
  async archivedStatus(orderId: string): Promise<string | null> {
    if (await this.orders.find(this.database, orderId)) return null;
    return (await this.archive.find(orderId))?.status ?? null;
  }

  /** pending -> confirmed: its payment succeeded, in the same transaction. */
  confirm(tx: EntityManager, order: OrderRecord): Promise<boolean> {
    return this.move(tx, order, 'confirmed', (data) => ({ type: 'order.confirmed', ...about(order), data }));
  }

  /** The same of many at once; gives the ids of those that moved, for `countConfirmed` once that is kept. */
  async confirmAll(
    tx: EntityManager,
    paid: readonly { order: OrderRecord; cause: EventCause }[],
  ): Promise<ReadonlySet<string>> {
    const ids = paid.map(({ order }) => order.id);
    const moved = new Set(await this.orders.setStatuses(tx, ids, 'confirmed'));
    for (const { order, cause } of paid) {
      if (!moved.has(order.id)) {
        this.transitions.refused(ORDER, order.status, 'confirmed');
        continue;
      }
      this.outbox.add(tx, { type: 'order.confirmed', ...about(order), data: eventData(order), cause });
    }
    return moved;
  }

  countConfirmed(orders: number): void {
    this.metrics.moved('confirmed', orders);
  }

  /** confirmed -> processing, many at once; gives those that moved. */
  async markProcessing<T extends { orderId: string; shipmentId: string; cause?: EventCause }>(
    tx: EntityManager,
    shipments: readonly T[],
  ): Promise<T[]> {
    if (shipments.length === 0) return [];
    const orders = await this.orders.lockAll(
      tx,
      shipments.map(({ orderId }) => orderId),
    );
    const moved = new Set(await this.orders.setStatuses(tx, [...orders.keys()], 'processing'));
    const prepared: T[] = [];
    for (const shipment of shipments) {
      const order = orders.get(shipment.orderId);
      // Told twice of one order, the second time it is `processing` already.
      if (!order || !moved.delete(order.id)) {
        if (order) this.transitions.refused(ORDER, order.status, 'processing');
        continue;
      }
      const { shipmentId, cause } = shipment;
      this.outbox.add(tx, {
        type: 'order.processing',
        ...about(order),
        data: { ...eventData(order), shipmentId },
        cause,
      });
      this.metrics.moved('processing');
      prepared.push(shipment);
    }
    return prepared;
  }

  markShipped(
    tx: EntityManager,
    order: OrderRecord,
    shipment: { shipmentId: string; carrier: string; trackingNumber: string },
  ): Promise<boolean> {
    return this.move(tx, order, 'shipped', (data) => ({
      type: 'order.shipped',
      ...about(order),
      data: { ...data, ...shipment },
    }));
  }

  markDelivered(tx: EntityManager, order: OrderRecord, shipmentId: string): Promise<boolean> {
    return this.move(tx, order, 'delivered', (data) => ({
      type: 'order.delivered',
      ...about(order),
      data: { ...data, shipmentId },
    }));
  }

  /**
   * Ends an unshipped order; listeners give back its stock and its money. The note stays with the order: what people say
   * of people is in no event and in no trail.
   */
  async endUnshipped(tx: EntityManager, order: OrderRecord, reason: CancelReason, note?: string): Promise<boolean> {
    const previousStatus = order.status;
    const moved = await this.move(
      tx,
      order,
      'cancelled',
      (data) => ({ type: 'order.cancelled', ...about(order), data: { ...data, reason, previousStatus } }),
      { reason, note },
    );
    if (moved) await this.placements.end(tx, order.checkoutId);
    return moved;
  }

  /** Cancels on request of the customer (only their own) or of staff. 409 once it is shipped. */
  async cancel(orderId: string, by: { userId: string } | { staffId: string }, note?: string): Promise<OrderRecord> {
    const cancelled = await inTransaction(this.database, async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (!order) return null;
      if ('userId' in by && order.userId !== by.userId) throw orderNotFound();
      // Asked twice, answered alike.
      if (order.status === 'cancelled') return order;
      if (!(await this.endUnshipped(tx, order, 'staffId' in by ? 'staff' : 'customer', note))) {
        throw orderCannotBecome(order.status, 'cancelled');
      }
      if ('staffId' in by) await this.recordMove(tx, by.staffId, order, 'cancelled', {});
      return (await this.orders.find(tx, orderId)) ?? order;
    });
    if (!cancelled) throw await this.absence(orderId, 'staffId' in by ? 'staff' : by, 'cancelled');
    return cancelled;
  }

  /**
   * Why an order that is not in PostgreSQL cannot change: it is archived, or there is none for this asker. Asked after
   * the transaction: MongoDB may take seconds to say that it is away.
   */
  async absence(orderId: string, by: { userId: string } | 'staff', to: OrderStatus): Promise<AppError> {
    const archived = await this.archive.find(orderId);
    const theirs = archived && (by === 'staff' || archived.user_id === by.userId);
    return theirs ? orderCannotBecome(archived.status, to) : orderNotFound();
  }

  /** What staff made of an order goes into their trail, with the change. */
  recordMove(tx: EntityManager, staffId: string, order: OrderRecord, to: OrderStatus, detail: object): Promise<void> {
    return this.audit.record(tx, staffId, [
      {
        action: `order.${to}`,
        subjectType: 'order',
        subjectId: order.id,
        before: { status: order.status },
        after: { status: to, ...detail },
      },
    ]);
  }

  /** One row, one table of transitions: a move that is not in it changes nothing and is counted. */
  private async move(
    tx: EntityManager,
    order: OrderRecord,
    to: Exclude<OrderStatus, 'pending'>,
    toEvent: (data: OrderEventData) => NewEvent,
    cancelled?: { reason: CancelReason; note?: string },
  ): Promise<boolean> {
    if (!(await this.orders.setStatus(tx, order.id, to, cancelled))) {
      this.transitions.refused(ORDER, order.status, to);
      return false;
    }
    this.outbox.add(tx, toEvent(eventData(order)));
    this.metrics.moved(to);
    return true;
  }
}
