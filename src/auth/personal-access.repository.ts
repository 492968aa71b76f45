import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { Cursor } from '../common/pagination';
import { sql, sqlLater } from '../database/sql';

export interface KeptSession {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
  userAgent: string | null;
  ipPrefix: string | null;
}

/** Tables: sessions with their spent tokens, account_tokens, second_factors with their recovery codes; by person. */
@Injectable()
export class PersonalAccessRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  /** Those that ended included, newest first, by sessions_user_id_idx. */
  listSessions(userId: string, after: Cursor | null, limit: number): Promise<KeptSession[]> {
    return sql<KeptSession>(
      this.source,
      `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt",
              revoked_at AS "endedAt", user_agent AS "userAgent", ip_prefix AS "ipPrefix"
       FROM sessions
       WHERE user_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $4`,
      [userId, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  /** Spent refresh tokens and recovery codes go along. Gives the sessions. */
  async removeAll(tx: EntityManager, userId: string): Promise<string[]> {
    sqlLater(tx, `DELETE FROM account_tokens WHERE user_id = $1`, [userId]);
    sqlLater(tx, `DELETE FROM second_factors WHERE user_id = $1`, [userId]);
    const removed = await sql<{ id: string }>(tx, `DELETE FROM sessions WHERE user_id = $1 RETURNING id`, [userId]);
    return removed.map(({ id }) => id);
  }
}
