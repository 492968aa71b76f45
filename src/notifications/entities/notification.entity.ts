import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { NotificationStatus } from '../notification.state';

export type NotificationChannel = 'email' | 'sms';

/** A mail or text message to be sent, and what became of it. */
@Entity('notifications')
// The same event heard again makes no second message.
@Unique('notifications_caused_by_key', ['causedBy', 'type'])
@Check('notifications_status_check', `status IN ('queued', 'sending', 'sent', 'dead', 'dropped')`)
@Check('notifications_channel_check', `channel IN ('email', 'sms')`)
// The sender's query: what is due. Partial: what was sent costs it nothing.
@Index('notifications_due_idx', ['nextTryAt'], { where: `status IN ('queued', 'sending')` })
// What was sent about an order.
@Index('notifications_order_id_idx', ['orderId'])
// What one person was sent, newest first, for an export or an erasure: (user_id, created_at DESC, id DESC).
@Index('notifications_user_id_idx', { synchronize: false })
export class Notification {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'notifications_pkey' })
  id: string;

  /** The event that led to this message. */
  @Column({ name: 'caused_by', type: 'uuid' })
  causedBy: string;

  /** The event that tells of this message; a mail's `Message-ID` is made from it. */
  @Column({ name: 'event_id', type: 'uuid' })
  eventId: string;

  @Column({ type: 'varchar', length: 50 })
  type: string;

  @Column({ type: 'varchar', length: 10 })
  channel: NotificationChannel;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  /** None for what is about an account. */
  @Column({ name: 'order_id', type: 'uuid', nullable: true })
  orderId: string | null;

  /**
   * Where senders of the release before look for the address; null once the message is sent, dropped or dead. This one's
   * look it up in `users`. Goes with the next release.
   */
  @Column({ type: 'varchar', length: 255, nullable: true })
  recipient: string | null;

  @Column({ type: 'json' })
  content: object;

  @Column({ type: 'varchar', length: 20, default: 'queued' })
  status: NotificationStatus;

  /** Tries that were refused for good, counted towards `dead`; an outage is none. */
  @Column({ type: 'integer', default: 0 })
  tries: number;

  @Column({ name: 'last_error', type: 'text', nullable: true })
  lastError: string | null;

  @Column({ name: 'next_try_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  nextTryAt: Date;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'sent_at', type: 'timestamptz', precision: 3, nullable: true })
  sentAt: Date | null;
}
