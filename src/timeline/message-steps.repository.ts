import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';
import { toStep, type StepRow } from './step.mapper';
import type { OrderStep } from './step.types';

/** Reads notifications and the tries to send them (users database). */
@Injectable()
export class MessageStepsRepository {
  /**
   * By notifications_order_id_idx and notification_attempts_pkey; the trace is that of the notification's event, while
   * the outbox has it (outbox_event_id_key). Recipients and texts stay where they are.
   */
  async of(executor: Executor, orderIds: readonly string[]): Promise<OrderStep[]> {
    const rows = await sql<StepRow>(
      executor,
      `WITH message AS (
         SELECT notification.id, notification.order_id, notification.type, notification.status, notification.tries,
                notification.last_error, notification.created_at, notification.sent_at, outbox.traceparent,
                CASE notification.channel WHEN 'email' THEN 'mail' ELSE notification.channel END AS source
         FROM notifications notification
         LEFT JOIN outbox ON outbox.event_id = notification.event_id
         WHERE notification.order_id = ANY($1::uuid[])
       )
       SELECT order_id, 'notification:' || id AS id, created_at AS at, sent_at AS ended_at, source,
              'notification.queued' AS type,
              json_build_object('notificationId', id, 'notification', type, 'status', status, 'refusals', tries) AS detail,
              CASE WHEN status = 'dead' THEN last_error END AS failure,
              traceparent, status AS revision
       FROM message
       UNION ALL
       SELECT message.order_id, 'notification-attempt:' || message.id || ':' || attempt.number, attempt.started_at,
              attempt.finished_at, message.source, 'notification.attempt',
              json_build_object('notificationId', message.id, 'notification', message.type, 'try', attempt.number,
                                'outcome', attempt.outcome),
              attempt.error, message.traceparent, attempt.outcome
       FROM message
       JOIN notification_attempts attempt ON attempt.notification_id = message.id`,
      [orderIds],
    );
    return rows.map(toStep);
  }
}
