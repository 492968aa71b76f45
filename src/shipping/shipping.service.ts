import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { inTransaction } from '../database/sql';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { OrdersService } from '../orders/orders.service';
import { ShipmentsRepository } from './shipments.repository';
import { cannotDeliver, cannotShip } from './shipping.errors';

/** Moves goods: preparing -> shipped -> delivered, together with the order's status. */
@Injectable()
export class ShippingService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly shipments: ShipmentsRepository,
    private readonly orders: OrdersService,
    private readonly inbox: Inbox,
  ) {}

  /** The order is paid: its shipment is prepared and the order is `processing`. */
  async prepare(event: { id: string; orderId: string }): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.shipping.name, event.id))) return;
      const order = await this.orders.lock(tx, event.orderId);
      // Staff may have shipped it, or the customer cancelled, before this event came.
      if (order?.status !== 'confirmed') return;
      const shipment = await this.shipments.prepare(tx, uuidv7(), order.id);
      await this.orders.markProcessing(tx, order, shipment.id);
    });
  }

  async callOff(event: { id: string; orderId: string }): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.shipping.name, event.id))) return;
      await this.orders.lock(tx, event.orderId);
      await this.shipments.cancel(tx, event.orderId);
    });
  }

  /** From `confirmed` or `processing`; 409 otherwise. */
  async ship(orderId: string, parcel: { carrier: string; trackingNumber: string }): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const order = await this.orders.lockToChange(tx, orderId, 'shipped');
      if (order.status !== 'confirmed' && order.status !== 'processing') throw cannotShip(order.status);
      const shipment = await this.shipments.prepare(tx, uuidv7(), orderId);
      await this.shipments.ship(tx, shipment.id, parcel.carrier, parcel.trackingNumber);
      await this.orders.markShipped(tx, order, { shipmentId: shipment.id, ...parcel });
    });
  }

  async deliver(orderId: string): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const order = await this.orders.lockToChange(tx, orderId, 'delivered');
      if (order.status !== 'shipped') throw cannotDeliver(order.status);
      const shipment = await this.shipments.prepare(tx, uuidv7(), orderId);
      await this.shipments.deliver(tx, shipment.id);
      await this.orders.markDelivered(tx, order, shipment.id);
    });
  }
}
