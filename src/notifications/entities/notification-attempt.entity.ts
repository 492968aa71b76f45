import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Notification } from './notification.entity';

export type NotificationAttemptOutcome = 'started' | 'sent' | 'failed' | 'refused';

/** One try to send a notification, written with its lease, before it is sent. */
@Entity('notification_attempts')
@Check('notification_attempts_outcome_check', `outcome IN ('started', 'sent', 'failed', 'refused')`)
export class NotificationAttempt {
  @PrimaryColumn({
    name: 'notification_id',
    type: 'uuid',
    primaryKeyConstraintName: 'notification_attempts_pkey',
  })
  notificationId: string;

  @ManyToOne(() => Notification, { nullable: false })
  @JoinColumn({ name: 'notification_id', foreignKeyConstraintName: 'notification_attempts_notification_id_fkey' })
  notification?: Notification;

  /** Counts the tries of one notification, from 1. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'notification_attempts_pkey' })
  number: number;

  /** `started` until it is known: one that stays so is a try whose sender died. `refused` counts towards `dead`. */
  @Column({ type: 'varchar', length: 20, default: 'started' })
  outcome: NotificationAttemptOutcome;

  @Column({ type: 'varchar', length: 1000, nullable: true })
  error: string | null;

  @Column({ name: 'started_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  startedAt: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', precision: 3, nullable: true })
  finishedAt: Date | null;
}
