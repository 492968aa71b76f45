import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { inTransaction } from '../database/sql';
import type { OrderEventData } from '../events/order.events';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { Outbox } from '../messaging/outbox/outbox.service';
import { UsersService } from '../users/users.service';
import {
  deliveredMail,
  orderConfirmation,
  shippedMail,
  statusSms,
  type Message,
  type OrderNews,
} from './messages.templates';
import { NotificationsRepository, type NotificationType } from './notifications.repository';

type Told = 'confirmed' | 'shipped' | 'delivered' | 'cancelled';

interface Writing {
  type: NotificationType;
  channel: 'email' | 'sms';
  message: Message;
}

/** Which messages each status brings. */
function writingsFor(status: Told, news: OrderNews): Writing[] {
  const sms: Writing = { type: 'sms.order_status', channel: 'sms', message: statusSms(news, status) };
  switch (status) {
    case 'confirmed':
      return [{ type: 'email.order_confirmation', channel: 'email', message: orderConfirmation(news) }];
    case 'shipped':
      return [{ type: 'email.shipping_update', channel: 'email', message: shippedMail(news) }, sms];
    case 'delivered':
      return [{ type: 'email.shipping_update', channel: 'email', message: deliveredMail(news) }, sms];
    case 'cancelled':
      return [sms];
  }
}

/** Decides what customers are told; the sender sends it. */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectDataSource('users') private readonly database: DataSource,
    private readonly notifications: NotificationsRepository,
    private readonly users: UsersService,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
  ) {}

  /** Queues the messages of an order's new status: rows, their events and the inbox row are one transaction. */
  async tell(
    event: { id: string; orderId: string },
    status: Told,
    order: OrderEventData & { carrier?: string; trackingNumber?: string },
  ): Promise<void> {
    const contact = await this.users.contactOf(order.userId);
    const news: OrderNews = {
      name: contact.name,
      number: order.number,
      total: order.total.amount,
      currency: order.total.currency,
      items: order.items,
      carrier: order.carrier,
      trackingNumber: order.trackingNumber,
    };
    await inTransaction(this.database, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.notifications.name, event.id))) return;
      for (const writing of writingsFor(status, news)) {
        // The gateway knows customers without a number by their id.
        const recipient = writing.channel === 'email' ? contact.email : (contact.phone ?? `customer:${order.userId}`);
        await this.queue(tx, event, { ...writing, recipient, status, order });
      }
    });
  }

  private async queue(
    tx: EntityManager,
    event: { id: string; orderId: string },
    writing: Writing & { recipient: string; status: Told; order: OrderEventData },
  ): Promise<void> {
    const id = uuidv7();
    const eventId = uuidv7();
    const { userId, number } = writing.order;
    const { type, channel, recipient, message: content } = writing;
    const { id: causedBy, orderId } = event;
    await this.notifications.insert(tx, { id, causedBy, eventId, type, channel, userId, orderId, recipient, content });
    const data = { userId, number, orderStatus: writing.status };
    this.outbox.add(tx, { id: eventId, type, subject: id, orderId, data });
  }
}
