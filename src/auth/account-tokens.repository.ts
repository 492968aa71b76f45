import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { sql, sqlLater } from '../database/sql';

export type TokenPurpose = 'password_reset' | 'email_verification';

/** Table: account_tokens. */
@Injectable()
export class AccountTokensRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  insert(
    tx: EntityManager,
    token: { id: string; userId: string; purpose: TokenPurpose; tokenHash: string; hours: number },
  ): void {
    sqlLater(
      tx,
      `INSERT INTO account_tokens (id, user_id, purpose, token_hash, expires_at)
       VALUES ($1, $2, $3, $4, shop_now() + make_interval(hours => $5))`,
      [token.id, token.userId, token.purpose, token.tokenHash, token.hours],
    );
  }

  /** Whose token it is, while it holds; by account_tokens_token_hash_key. */
  async findLive(tokenHash: string, purpose: TokenPurpose): Promise<string | null> {
    const [token] = await sql<{ userId: string }>(
      this.source,
      `SELECT user_id AS "userId"
       FROM account_tokens
       WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > shop_now()`,
      [tokenHash, purpose],
    );
    return token?.userId ?? null;
  }

  /** One conditional statement: of two that show the same token, one gets the user and the other nothing. */
  async consume(tx: EntityManager, tokenHash: string, purpose: TokenPurpose): Promise<string | null> {
    const [token] = await sql<{ userId: string }>(
      tx,
      `UPDATE account_tokens
       SET used_at = shop_now()
       WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > shop_now()
       RETURNING user_id AS "userId"`,
      [tokenHash, purpose],
    );
    return token?.userId ?? null;
  }

  /** The user's other tokens are worth nothing either, by account_tokens_user_id_idx. */
  useUp(tx: EntityManager, userId: string, purpose: TokenPurpose): void {
    sqlLater(
      tx,
      `UPDATE account_tokens SET used_at = shop_now() WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL`,
      [userId, purpose],
    );
  }

  /** Removes up to `limit` tokens that ran out, and tells how many; sweepers work side by side. */
  async sweep(tx: EntityManager, limit: number): Promise<number> {
    const swept = await sql(
      tx,
      `DELETE FROM account_tokens
       WHERE id IN (
         SELECT id FROM account_tokens
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
