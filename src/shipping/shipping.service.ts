import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { inTransaction } from '../database/sql';
import type { EventCause } from '../events/envelope';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { TransitionMetrics } from '../observability/transition-metrics';
import { OrdersService } from '../orders/orders.service';
import { SHIPMENT, type ShipmentStatus } from './shipment.state';
import { ShipmentsRepository, type ShipmentRecord } from './shipments.repository';
import { cannotDeliver, cannotShip } from './shipping.errors';

/** Moves goods: preparing -> shipped -> delivered, together with the order's status. */
@Injectable()
export class ShippingService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly shipments: ShipmentsRepository,
    private readonly orders: OrdersService,
    private readonly inbox: Inbox,
    private readonly transitions: TransitionMetrics,
  ) {}

  /** The orders are paid: their shipments are prepared and they are `processing`. */
  async prepare(events: readonly { id: string; orderId: string; cause?: EventCause }[]): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const fresh = await this.inbox.claimAll(tx, GROUPS.shipping.name, events);
      // Refused if staff have shipped one, or it was cancelled, before its event came.
      const moved = await this.orders.markProcessing(
        tx,
        fresh.map(({ orderId, cause }) => ({ orderId, shipmentId: uuidv7(), cause })),
      );
      this.shipments.prepareAll(tx, moved);
    });
  }

  async callOff(event: { id: string; orderId: string }): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.shipping.name, event.id))) return;
      await this.orders.lock(tx, event.orderId);
      const shipment = await this.shipments.find(tx, event.orderId);
      if (shipment) await this.move(tx, shipment, 'cancelled');
    });
  }

  /** From `confirmed` or `processing`; 409 otherwise. */
  async ship(orderId: string, parcel: { carrier: string; trackingNumber: string }, staffId: string): Promise<void> {
    const found = await inTransaction(this.database, async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (!order) return false;
      const shipment = await this.shipments.prepare(tx, uuidv7(), orderId);
      const shipped = await this.orders.markShipped(tx, order, { shipmentId: shipment.id, ...parcel });
      if (!shipped || !(await this.move(tx, shipment, 'shipped', parcel))) throw cannotShip(order.status);
      await this.orders.recordMove(tx, staffId, order, 'shipped', parcel);
      return true;
    });
    if (!found) throw await this.orders.absence(orderId, 'staff', 'shipped');
  }

  async deliver(orderId: string, staffId: string): Promise<void> {
    const found = await inTransaction(this.database, async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (!order) return false;
      const shipment = await this.shipments.prepare(tx, uuidv7(), orderId);
      const delivered = await this.orders.markDelivered(tx, order, shipment.id);
      if (!delivered || !(await this.move(tx, shipment, 'delivered'))) throw cannotDeliver(order.status);
      await this.orders.recordMove(tx, staffId, order, 'delivered', {});
      return true;
    });
    if (!found) throw await this.orders.absence(orderId, 'staff', 'delivered');
  }

  private async move(
    tx: EntityManager,
    shipment: ShipmentRecord,
    to: ShipmentStatus,
    parcel?: { carrier: string; trackingNumber: string },
  ): Promise<boolean> {
    const moved = await this.shipments.setStatus(tx, shipment.id, to, parcel);
    if (!moved) this.transitions.refused(SHIPMENT, shipment.status, to);
    return moved;
  }
}
