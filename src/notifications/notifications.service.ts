import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { sealText } from '../common/sealed-text';
import { inTransaction } from '../database/sql';
import type { EventCause } from '../events/envelope';
import type { OrderEventData } from '../events/order.events';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { Outbox } from '../messaging/outbox/outbox.service';
import { Settings } from '../settings/settings';
import {
  deliveredMail,
  orderConfirmation,
  passwordResetMail,
  shippedMail,
  statusSms,
  verificationMail,
  type Message,
  type MailedToken,
  type OrderNews,
} from './messages.templates';
import {
  MAIL_SEAL,
  NotificationsRepository,
  type AccountNotificationType,
  type OrderNotificationType,
} from './notifications.repository';

type Told = 'confirmed' | 'shipped' | 'delivered' | 'cancelled';

/** An order's new status, by the event that told of it. */
export interface News {
  /** The event's. */
  id: string;
  orderId: string;
  status: Told;
  order: OrderEventData & { carrier?: string; trackingNumber?: string };
  cause: EventCause;
}

/** A token for an account, on its way to the mailbox. */
export interface AccountNews {
  causedBy: string;
  type: AccountNotificationType;
  userId: string;
  token: string;
  link: string;
}

interface Writing {
  type: OrderNotificationType;
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

/** Where each goes, and whom it greets, is looked up when it is sent. */
function messagesFor({ id: causedBy, orderId, status, order, cause }: News) {
  const { userId, number, total, items, carrier, trackingNumber } = order;
  const { amount, currency } = total;
  const news: OrderNews = { number, total: amount, currency, items, carrier, trackingNumber };
  return writingsFor(status, news).map(({ type, channel, message }) => ({
    id: uuidv7(),
    eventId: uuidv7(),
    causedBy,
    type,
    channel,
    userId,
    orderId,
    content: channel === 'email' ? { ...message, greets: true as const } : message,
    number,
    orderStatus: status,
    cause,
  }));
}

/** Decides what customers are told; the sender sends it. */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectDataSource('users') private readonly database: DataSource,
    private readonly notifications: NotificationsRepository,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
    private readonly settings: Settings,
  ) {}

  /** Queues the messages of orders' new statuses: rows, their events and the inbox rows are one transaction. */
  async tell(all: readonly News[]): Promise<void> {
    if (all.length === 0) return;
    await inTransaction(this.database, async (tx) => {
      const fresh = await this.inbox.claimAll(tx, GROUPS.notifications.name, all);
      const messages = fresh.flatMap((news) => messagesFor(news));
      this.notifications.insert(tx, messages);
      this.outbox.add(
        tx,
        ...messages.map(({ id, eventId, type, orderId, userId, number, orderStatus, cause }) => {
          return { id: eventId, type, subject: id, orderId, data: { userId, number, orderStatus }, cause };
        }),
      );
    });
  }

  /**
   * Queues the mail within the transaction that makes the token. Nothing is published of it, and its text is sealed: the
   * token is kept nowhere in clear.
   */
  tellOfAccount(tx: EntityManager, { causedBy, type, userId, token, link }: AccountNews): void {
    const id = uuidv7();
    const mailed: MailedToken = { token, link };
    const message = type === 'email.password_reset' ? passwordResetMail(mailed) : verificationMail(mailed);
    const text = sealText(this.settings.dataEncryptionKey, MAIL_SEAL, id, message.text);
    this.notifications.insert(tx, [
      {
        id,
        eventId: uuidv7(),
        causedBy,
        type,
        channel: 'email',
        userId,
        orderId: null,
        content: { subject: message.subject, text, sealed: true, greets: true },
      },
    ]);
  }
}
