import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { Cursor } from '../common/pagination';
import { sql, sqlLater } from '../database/sql';

export interface KeptMessage {
  id: string;
  type: string;
  channel: string;
  orderId: string | null;
  status: string;
  subject: string;
  /** Null where it holds a token, which is sealed. */
  text: string | null;
  createdAt: Date;
  sentAt: Date | null;
}

/** Tables: notifications, notification_attempts; by person. */
@Injectable()
export class PersonalMessagesRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  /** Newest first, by notifications_user_id_idx. */
  list(userId: string, after: Cursor | null, limit: number): Promise<KeptMessage[]> {
    return sql<KeptMessage>(
      this.source,
      `SELECT id, type, channel, order_id AS "orderId", status, coalesce(content->>'subject', '') AS subject,
              CASE WHEN content->>'sealed' IS NULL THEN content->>'text' END AS text,
              created_at AS "createdAt", sent_at AS "sentAt"
       FROM notifications
       WHERE user_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $4`,
      [userId, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  /**
   * That there was a message, of what kind and when, stays: the check over all stores asks for it. What it said goes, and
   * so does what mail servers said of it.
   */
  erase(tx: EntityManager, userId: string): void {
    sqlLater(
      tx,
      `UPDATE notification_attempts
       SET error = NULL
       FROM notifications
       WHERE notifications.user_id = $1 AND notification_id = notifications.id AND error IS NOT NULL`,
      [userId],
    );
    sqlLater(
      tx,
      `UPDATE notifications SET recipient = NULL, content = '{"subject":"","text":""}', last_error = NULL
       WHERE user_id = $1`,
      [userId],
    );
  }
}
