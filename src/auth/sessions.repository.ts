import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { sql } from '../database/sql';
import type { Role } from '../http/permissions';

/** A session that holds, with what its user may do today. */
export interface LiveSession {
  userId: string;
  roles: Role[];
  expiresAt: Date;
}

@Injectable()
export class SessionsRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  /** Roles come along: asked for with every signed-in request whose session is not cached. */
  async findLive(id: string): Promise<LiveSession | null> {
    const [session] = await sql<LiveSession>(
      this.source,
      `SELECT sessions.user_id AS "userId", users.roles, sessions.expires_at AS "expiresAt"
       FROM sessions
       JOIN users ON users.id = sessions.user_id
       WHERE sessions.id = $1 AND sessions.revoked_at IS NULL AND sessions.expires_at > shop_now()`,
      [id],
    );
    return session ?? null;
  }

  async insert(
    tx: EntityManager,
    session: { id: string; userId: string; refreshTokenHash: string; days: number },
  ): Promise<void> {
    await sql(
      tx,
      `INSERT INTO sessions (id, user_id, refresh_token_hash, expires_at)
       VALUES ($1, $2, $3, shop_now() + make_interval(days => $4))`,
      [session.id, session.userId, session.refreshTokenHash, session.days],
    );
  }

  /** One conditional statement: of two that show the same token, one gets the session and the other nothing. */
  async rotate(
    tx: EntityManager,
    tokens: { shownHash: string; nextHash: string; days: number },
  ): Promise<{ id: string; userId: string } | null> {
    const [session] = await sql<{ id: string; userId: string }>(
      tx,
      `UPDATE sessions
       SET refresh_token_hash = $2, expires_at = shop_now() + make_interval(days => $3)
       WHERE refresh_token_hash = $1 AND revoked_at IS NULL AND expires_at > shop_now()
       RETURNING id, user_id AS "userId"`,
      [tokens.shownHash, tokens.nextHash, tokens.days],
    );
    return session ?? null;
  }

  async revoke(tx: EntityManager, id: string): Promise<void> {
    await sql(tx, `UPDATE sessions SET revoked_at = shop_now() WHERE id = $1 AND revoked_at IS NULL`, [id]);
  }

  async revokeAllOf(tx: EntityManager, userId: string): Promise<string[]> {
    const revoked = await sql<{ id: string }>(
      tx,
      `UPDATE sessions SET revoked_at = shop_now() WHERE user_id = $1 AND revoked_at IS NULL RETURNING id`,
      [userId],
    );
    return revoked.map((session) => session.id);
  }

  /** Removes up to `limit` sessions that ran out a day ago or more, and tells how many; sweepers work side by side. */
  async sweep(tx: EntityManager, limit: number): Promise<number> {
    const swept = await sql(
      tx,
      `DELETE FROM sessions
       WHERE id IN (
         SELECT id FROM sessions
         WHERE expires_at < shop_now() - interval '1 day'
         ORDER BY expires_at
         LIMIT $1
         FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [limit],
    );
    return swept.length;
  }
}
