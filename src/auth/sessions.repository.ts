import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { sql, sqlLater } from '../database/sql';
import type { Cursor } from '../common/pagination';
import type { Role } from '../http/permissions';
import type { Sender } from '../http/sender.decorator';

/** A session that holds, with what its user may do today. */
export interface LiveSession {
  userId: string;
  roles: Role[];
  /** Whether the user has a second factor, which each of their sessions was opened with. */
  secondFactor: boolean;
  expiresAt: Date;
}

/** A session as its user sees it. */
export interface ListedSession {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  userAgent: string | null;
  ipPrefix: string | null;
}

/** An exchanged refresh token that was shown again. */
export interface SpentToken {
  sessionId: string;
  /** The session's last one, exchanged only just now. */
  justSpent: boolean;
}

@Injectable()
export class SessionsRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  /** Roles come along: asked for with every signed-in request whose session is not cached. */
  async findLive(id: string): Promise<LiveSession | null> {
    const [session] = await sql<LiveSession>(
      this.source,
      `SELECT sessions.user_id AS "userId", users.roles, sessions.expires_at AS "expiresAt",
              EXISTS (
                SELECT 1 FROM second_factors
                WHERE second_factors.user_id = sessions.user_id AND confirmed_at IS NOT NULL
              ) AS "secondFactor"
       FROM sessions
       JOIN users ON users.id = sessions.user_id
       WHERE sessions.id = $1 AND sessions.revoked_at IS NULL AND sessions.expires_at > shop_now()`,
      [id],
    );
    return session ?? null;
  }

  /**
   * False when the password is another by now, or when a second factor is asked for by now and no code was shown. The
   * user's row is locked against either change: who makes one ends the sessions that are there, and must see this one.
   * The lock is a statement of its own: what was committed while it was waited for, only the next one sees.
   */
  async insert(
    tx: EntityManager,
    session: {
      id: string;
      userId: string;
      passwordHash: string;
      withCode: boolean;
      refreshTokenHash: string;
      days: number;
      sender: Sender;
    },
  ): Promise<boolean> {
    const { id, userId, refreshTokenHash, days, passwordHash, withCode } = session;
    const { userAgent, ipPrefix } = session.sender;
    sqlLater(tx, `SELECT id FROM users WHERE id = $1 FOR SHARE`, [userId]);
    const inserted = await sql(
      tx,
      `INSERT INTO sessions (id, user_id, refresh_token_hash, expires_at, user_agent, ip_prefix)
       SELECT $1::uuid, id, $3::text, shop_now() + make_interval(days => $4), $5::text, $6::text
       FROM users
       WHERE id = $2 AND password_hash = $7
         AND ($8 OR NOT EXISTS (
           SELECT 1 FROM second_factors WHERE second_factors.user_id = users.id AND confirmed_at IS NOT NULL
         ))
       RETURNING id`,
      [id, userId, refreshTokenHash, days, userAgent, ipPrefix, passwordHash, withCode],
    );
    return inserted.length > 0;
  }

  /** One conditional statement: of two that show the same token, one gets the session and the other nothing. */
  async rotate(
    tx: EntityManager,
    tokens: { shownHash: string; nextHash: string; days: number; sender: Sender },
  ): Promise<{ id: string; userId: string } | null> {
    const { userAgent, ipPrefix } = tokens.sender;
    const [session] = await sql<{ id: string; userId: string }>(
      tx,
      `WITH exchanged AS (
         UPDATE sessions
         SET refresh_token_hash = $2, expires_at = shop_now() + make_interval(days => $3), last_used_at = shop_now(),
             user_agent = $4, ip_prefix = $5
         WHERE refresh_token_hash = $1 AND revoked_at IS NULL AND expires_at > shop_now()
         RETURNING id, user_id
       ), spent AS (
         INSERT INTO spent_refresh_tokens (token_hash, session_id) SELECT $1, id FROM exchanged
       )
       SELECT id, user_id AS "userId" FROM exchanged`,
      [tokens.shownHash, tokens.nextHash, tokens.days, userAgent, ipPrefix],
    );
    return session ?? null;
  }

  /** A token that was exchanged before, by spent_refresh_tokens_pkey; null for one that we never gave out. */
  async findSpent(tx: EntityManager, tokenHash: string, justSeconds: number): Promise<SpentToken | null> {
    const [spent] = await sql<SpentToken>(
      tx,
      `SELECT session_id AS "sessionId",
              spent_at > shop_now() - make_interval(secs => $2) AND NOT EXISTS (
                SELECT 1 FROM spent_refresh_tokens later
                WHERE later.session_id = shown.session_id AND later.spent_at > shown.spent_at
              ) AS "justSpent"
       FROM spent_refresh_tokens shown
       WHERE token_hash = $1`,
      [tokenHash, justSeconds],
    );
    return spent ?? null;
  }

  /** Whether the account was signed in to from there before, by users_email_key and sessions_user_id_idx. */
  async isKnownPlace(email: string, ipPrefix: string): Promise<boolean> {
    const [known] = await sql<{ id: string }>(
      this.source,
      `SELECT sessions.id
       FROM users
       JOIN sessions ON sessions.user_id = users.id
       WHERE users.email = lower($1) AND sessions.ip_prefix = $2
       LIMIT 1`,
      [email, ipPrefix],
    );
    return known !== undefined;
  }

  /** A user's live sessions, newest first, up to one row more than `limit`. */
  listLive(userId: string, cursor: Cursor | null, limit: number): Promise<ListedSession[]> {
    return sql<ListedSession>(
      this.source,
      `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", user_agent AS "userAgent",
              ip_prefix AS "ipPrefix"
       FROM sessions
       WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > shop_now()
         AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $4`,
      [userId, cursor?.at ?? null, cursor?.id ?? null, limit + 1],
    );
  }

  async revoke(tx: EntityManager, id: string): Promise<void> {
    await sql(tx, `UPDATE sessions SET revoked_at = shop_now() WHERE id = $1 AND revoked_at IS NULL`, [id]);
  }

  /** False when the user has no such live session. */
  async revokeOwn(tx: EntityManager, userId: string, id: string): Promise<boolean> {
    const revoked = await sql(
      tx,
      `UPDATE sessions SET revoked_at = shop_now()
       WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > shop_now()
       RETURNING id`,
      [id, userId],
    );
    return revoked.length > 0;
  }

  /** All but the one to keep, if there is such. */
  async revokeAllOf(tx: EntityManager, userId: string, keptId: string | null): Promise<string[]> {
    const revoked = await sql<{ id: string }>(
      tx,
      `UPDATE sessions
       SET revoked_at = shop_now()
       WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid
       RETURNING id`,
      [userId, keptId],
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

  /** Removes up to `limit` spent tokens of which nobody is warned any more; sweepers work side by side. */
  async sweepSpent(tx: EntityManager, days: number, limit: number): Promise<number> {
    const swept = await sql(
      tx,
      `DELETE FROM spent_refresh_tokens
       WHERE token_hash IN (
         SELECT token_hash FROM spent_refresh_tokens
         WHERE spent_at < shop_now() - make_interval(days => $1)
         ORDER BY spent_at
         LIMIT $2
         FOR UPDATE SKIP LOCKED)
       RETURNING token_hash`,
      [days, limit],
    );
    return swept.length;
  }
}
