import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import type { Message } from './messages.templates';

export type NotificationType = 'email.order_confirmation' | 'email.shipping_update' | 'sms.order_status';

export interface NewNotification {
  id: string;
  /** The event that made us write: one notification of a type for each. */
  causedBy: string;
  /** The event that tells of this notification; its Message-ID is made from it. */
  eventId: string;
  type: NotificationType;
  channel: 'email' | 'sms';
  userId: string;
  orderId: string;
  recipient: string;
  content: Message;
}

export interface LeasedNotification {
  id: string;
  eventId: string;
  channel: 'email' | 'sms';
  recipient: string;
  content: Message;
  tries: number;
}

/** Table: notifications. */
@Injectable()
export class NotificationsRepository {
  async insert(tx: EntityManager, notification: NewNotification): Promise<boolean> {
    const rows = await sql(
      tx,
      `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, order_id, recipient, content)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (caused_by, type) DO NOTHING
       RETURNING id`,
      [
        notification.id,
        notification.causedBy,
        notification.eventId,
        notification.type,
        notification.channel,
        notification.userId,
        notification.orderId,
        notification.recipient,
        JSON.stringify(notification.content),
      ],
    );
    return rows.length > 0;
  }

  /** Leases what is due, by notifications_due_idx; a lease that ran out (a killed sender) comes up again. */
  async leaseDue(executor: Executor, seconds: number, limit: number): Promise<LeasedNotification[]> {
    const rows = await sql<{
      id: string;
      event_id: string;
      channel: 'email' | 'sms';
      recipient: string;
      content: Message;
      tries: number;
    }>(
      executor,
      `WITH due AS (
         SELECT id
         FROM notifications
         WHERE status IN ('queued', 'sending') AND next_try_at <= shop_now()
         ORDER BY next_try_at
         LIMIT $1
         FOR UPDATE SKIP LOCKED
       )
       UPDATE notifications
       SET status = 'sending', tries = tries + 1, next_try_at = shop_now() + make_interval(secs => $2)
       FROM due
       WHERE notifications.id = due.id
       RETURNING notifications.id, event_id, channel, recipient, content, tries`,
      [limit, seconds],
    );
    return rows.map(({ event_id: eventId, ...row }) => ({ ...row, eventId }));
  }

  async markSent(executor: Executor, id: string): Promise<void> {
    await sql(
      executor,
      `UPDATE notifications SET status = 'sent', sent_at = shop_now(), last_error = NULL
       WHERE id = $1 AND status = 'sending'`,
      [id],
    );
  }

  /** sending -> queued again, or dead when it was tried too often. */
  async markFailed(
    executor: Executor,
    id: string,
    next: { dead: boolean; seconds: number; error: string },
  ): Promise<void> {
    await sql(
      executor,
      `UPDATE notifications
       SET status = CASE WHEN $2 THEN 'dead' ELSE 'queued' END,
           next_try_at = shop_now() + make_interval(secs => $3),
           last_error = $4
       WHERE id = $1 AND status = 'sending'`,
      [id, next.dead, next.seconds, next.error.slice(0, 1000)],
    );
  }
}
