import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { startWithoutEmails } from '../common/masked-text';
import { literals, sql, sqlLater, type Executor } from '../database/sql';
import type { Message } from './messages.templates';
import { NOTIFICATION, type NotificationStatus } from './notification.state';

/** What is to be sent, as notifications_due_idx has it. */
const UNSENT = literals([...NOTIFICATION.sourcesOf('sending'), 'sending']);

export type OrderNotificationType = 'email.order_confirmation' | 'email.shipping_update' | 'sms.order_status';
export type AccountNotificationType = 'email.password_reset' | 'email.verification';

export type Channel = 'email' | 'sms';

/** Given up after this many refusals for good: a server may be wrong about that, once. */
const MOST_REFUSALS = 5;
/** Of a long outage the last tries say all there is to say: one message fails thousands of times in a day. */
const TRIES_KEPT = 100;
/** Also the longest pause: what was held up is sent well within two minutes after a server is back. */
const PAUSE_SECONDS = 30;

/** What texts of mails are sealed for (`sealed-text.ts`). */
export const MAIL_SEAL = 'mail';

/**
 * The text is sealed where it holds a token. Whom it is for is not in it: a mail that `greets` gets its first line when
 * it is sent.
 */
export type StoredMessage = Message & { sealed?: true; greets?: true };

export interface NewNotification {
  id: string;
  /** The event that made us write, or an account's token: one notification of a type for each. */
  causedBy: string;
  /** The event that tells of this notification; its Message-ID is made from it. */
  eventId: string;
  type: OrderNotificationType | AccountNotificationType;
  channel: Channel;
  userId: string;
  orderId: string | null;
  content: StoredMessage;
}

/** Who a message is for, as of now. */
export interface Contact {
  email: string;
  name: string;
  phone: string | null;
  emailVerified: boolean;
}

export interface LeasedNotification {
  id: string;
  eventId: string;
  channel: Channel;
  /** None for what is about an account. */
  orderId: string | null;
  userId: string;
  /** Null when there is no such account any more. */
  contact: Contact | null;
  content: StoredMessage;
  /** Counts this notification's tries, from 1. */
  attempt: number;
}

/** Tables: notifications, notification_attempts; reads users of the same database. */
@Injectable()
export class NotificationsRepository {
  /**
   * One of a type for each event, by notifications_caused_by_key. The address is written, until the message is sent, for
   * senders of the release before, which look nowhere else: to be left out by the next one.
   */
  insert(tx: EntityManager, notifications: readonly NewNotification[]): void {
    sqlLater(
      tx,
      `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, order_id, recipient, content)
       SELECT message.id, caused_by, event_id, type, channel, user_id, order_id,
              CASE channel WHEN 'email' THEN users.email ELSE coalesce(users.phone, 'customer:' || users.id) END,
              content
       FROM json_to_recordset($1::json) AS message(
         id uuid, caused_by uuid, event_id uuid, type text, channel text, user_id uuid, order_id uuid, content json)
       LEFT JOIN users ON users.id = message.user_id AND users.erased_at IS NULL
       ON CONFLICT (caused_by, type) DO NOTHING`,
      [
        JSON.stringify(
          notifications.map((message) => ({
            id: message.id,
            caused_by: message.causedBy,
            event_id: message.eventId,
            type: message.type,
            channel: message.channel,
            user_id: message.userId,
            order_id: message.orderId,
            content: message.content,
          })),
        ),
      ],
    );
  }

  /**
   * Leases what is due of a channel, by notifications_due_idx; a lease that ran out (a killed sender) comes up again.
   * The try is recorded with the lease, before anything is sent. Who it is for is read here, as of now: the row's own
   * address is that of when it was written.
   */
  async leaseDue(executor: Executor, channel: Channel, seconds: number, limit: number): Promise<LeasedNotification[]> {
    const rows = await sql<{
      id: string;
      event_id: string;
      channel: Channel;
      order_id: string | null;
      user_id: string;
      contact: Contact | null;
      content: StoredMessage;
      attempt: number;
    }>(
      executor,
      `WITH due AS (
         SELECT id
         FROM notifications
         WHERE status IN (${UNSENT}) AND next_try_at <= shop_now() AND channel = $3
         ORDER BY next_try_at
         LIMIT $1
         FOR UPDATE SKIP LOCKED
       ), leased AS (
         UPDATE notifications
         SET status = 'sending', next_try_at = shop_now() + make_interval(secs => $2)
         FROM due
         WHERE notifications.id = due.id
         RETURNING notifications.id, event_id, channel, order_id, user_id, content
       ), attempts AS (
         INSERT INTO notification_attempts (notification_id, number)
         SELECT leased.id, 1 + coalesce(max(before.number), 0)
         FROM leased
         LEFT JOIN notification_attempts before ON before.notification_id = leased.id
         GROUP BY leased.id
         RETURNING notification_id, number
       ), forgotten AS (
         DELETE FROM notification_attempts old
         USING attempts
         WHERE old.notification_id = attempts.notification_id AND old.number <= attempts.number - $4
       )
       SELECT leased.id, leased.event_id, leased.channel, leased.order_id, leased.user_id, leased.content,
              attempts.number AS attempt,
              CASE WHEN users.id IS NOT NULL THEN json_build_object(
                'email', users.email, 'name', users.name, 'phone', users.phone,
                'emailVerified', users.email_verified_at IS NOT NULL) END AS contact
       FROM leased
       JOIN attempts ON attempts.notification_id = leased.id
       LEFT JOIN users ON users.id = leased.user_id AND users.erased_at IS NULL`,
      [limit, seconds, channel, TRIES_KEPT],
    );
    return rows.map(({ event_id: eventId, order_id: orderId, user_id: userId, ...row }) => ({
      ...row,
      eventId,
      orderId,
      userId,
    }));
  }

  /** Gives those of these messages that were in a state that may become sent. */
  async markSent(executor: Executor, sent: readonly { id: string; attempt: number }[]): Promise<Set<string>> {
    const rows = await sql<{ id: string }>(
      executor,
      `WITH ended AS (
         UPDATE notification_attempts
         SET outcome = 'sent', finished_at = shop_now()
         FROM unnest($1::uuid[], $2::int[]) AS sent(id, attempt)
         WHERE notification_attempts.notification_id = sent.id AND notification_attempts.number = sent.attempt
       )
       UPDATE notifications SET status = 'sent', sent_at = shop_now(), recipient = NULL, last_error = NULL
       WHERE id = ANY($1::uuid[]) AND status = ANY($3::text[])
       RETURNING id`,
      [sent.map(({ id }) => id), sent.map(({ attempt }) => attempt), NOTIFICATION.sourcesOf('sent')],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** There is nobody to send it to. False when it is in no state that may become so. */
  async drop(executor: Executor, id: string, attempt: number): Promise<boolean> {
    const rows = await sql(
      executor,
      `WITH ended AS (
         UPDATE notification_attempts
         SET outcome = 'refused', error = 'there is no such account any more', finished_at = shop_now()
         WHERE notification_id = $1 AND number = $2
       )
       UPDATE notifications SET status = 'dropped', recipient = NULL, last_error = NULL
       WHERE id = $1 AND status = ANY($3::text[])
       RETURNING id`,
      [id, attempt, NOTIFICATION.sourcesOf('dropped')],
    );
    return rows.length > 0;
  }

  async statusOf(executor: Executor, id: string): Promise<NotificationStatus | null> {
    const [row] = await sql<{ status: NotificationStatus }>(
      executor,
      `SELECT status FROM notifications WHERE id = $1`,
      [id],
    );
    return row?.status ?? null;
  }

  /**
   * Queued again, or dead when it was refused for good too often; null when it is in no state that may become either.
   * An outage is no refusal: it is waited for, with pauses as long as the message is old, up to half a minute.
   */
  async markFailed(
    executor: Executor,
    id: string,
    failure: { attempt: number; refused: boolean; error: string },
  ): Promise<'queued' | 'dead' | null> {
    const [row] = await sql<{ status: 'queued' | 'dead' }>(
      executor,
      `WITH ended AS (
         UPDATE notification_attempts
         SET outcome = CASE WHEN $2 THEN 'refused' ELSE 'failed' END, error = $5, finished_at = shop_now()
         WHERE notification_id = $1 AND number = $6
       )
       UPDATE notifications
       SET status = CASE WHEN $2 AND tries + 1 >= $3 THEN 'dead' ELSE 'queued' END,
           recipient = CASE WHEN $2 AND tries + 1 >= $3 THEN NULL ELSE recipient END,
           tries = tries + CASE WHEN $2 THEN 1 ELSE 0 END,
           next_try_at = shop_now() + CASE
             WHEN $2 THEN make_interval(secs => $4)
             ELSE least(greatest(shop_now() - created_at, interval '1 second'), make_interval(secs => $4))
           END,
           last_error = $5
       WHERE id = $1 AND status = ANY($7::text[])
       RETURNING status`,
      [
        id,
        failure.refused,
        MOST_REFUSALS,
        PAUSE_SECONDS,
        startWithoutEmails(failure.error, 1000),
        failure.attempt,
        NOTIFICATION.sourcesOf('queued'),
      ],
    );
    return row?.status ?? null;
  }
}
