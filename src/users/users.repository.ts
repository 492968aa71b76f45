import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { ERASED_DOMAIN } from '../common/erased.mark';
import type { Cursor } from '../common/pagination';
import { sql, type Executor } from '../database/sql';
import type { Role } from '../http/permissions';

export interface UserRecord {
  id: string;
  email: string;
  name: string;
  /** Where text messages go; without it none are sent. */
  phone: string | null;
  roles: Role[];
  emailVerified: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewUser {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
}

/** What is left out stays as it is; a phone of null is taken away. */
export interface ProfileChanges {
  name?: string;
  phone?: string | null;
}

const USER = `id, email, name, phone, roles, email_verified_at IS NOT NULL AS "emailVerified", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** An account that was erased is nobody's, and nothing changes it any more. */
const THERE = 'erased_at IS NULL';

/** Emails are kept and looked for in lower case, by PostgreSQL's own idea of it: the table checks the same. */
@Injectable()
export class UsersRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  async find(id: string): Promise<UserRecord | null> {
    const [user] = await sql<UserRecord>(this.source, `SELECT ${USER} FROM users WHERE id = $1 AND ${THERE}`, [id]);
    return user ?? null;
  }

  async findByEmail(email: string): Promise<(UserRecord & { passwordHash: string }) | null> {
    const [user] = await sql<UserRecord & { passwordHash: string }>(
      this.source,
      `SELECT ${USER}, password_hash AS "passwordHash" FROM users WHERE email = lower($1) AND ${THERE}`,
      [email],
    );
    return user ?? null;
  }

  async findWithPassword(
    id: string,
    executor: Executor = this.source,
  ): Promise<(UserRecord & { passwordHash: string }) | null> {
    const [user] = await sql<UserRecord & { passwordHash: string }>(
      executor,
      `SELECT ${USER}, password_hash AS "passwordHash" FROM users WHERE id = $1 AND ${THERE}`,
      [id],
    );
    return user ?? null;
  }

  /** Newest first, up to one row more than `limit`. */
  list(cursor: Cursor | null, limit: number): Promise<UserRecord[]> {
    return sql<UserRecord>(
      this.source,
      `SELECT ${USER}
       FROM users
       WHERE ${THERE} AND ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $3`,
      [cursor?.at ?? null, cursor?.id ?? null, limit + 1],
    );
  }

  /** Null when the email has an account. */
  async insert(tx: EntityManager, user: NewUser): Promise<UserRecord | null> {
    const [inserted] = await sql<UserRecord>(
      tx,
      `INSERT INTO users (id, email, name, password_hash) VALUES ($1, lower($2), $3, $4)
       ON CONFLICT (email) DO NOTHING
       RETURNING ${USER}`,
      [user.id, user.email, user.name, user.passwordHash],
    );
    return inserted ?? null;
  }

  /** Who runs the shop vouches for the email. */
  async insertOrPromoteAdmin(tx: EntityManager, admin: NewUser): Promise<UserRecord | null> {
    const [user] = await sql<UserRecord>(
      tx,
      `INSERT INTO users (id, email, name, password_hash, roles, email_verified_at)
       VALUES ($1, lower($2), $3, $4, '{admin}', shop_now())
       ON CONFLICT (email) DO UPDATE
       SET password_hash = EXCLUDED.password_hash,
           email_verified_at = coalesce(users.email_verified_at, EXCLUDED.email_verified_at),
           roles = CASE WHEN 'admin' = ANY(users.roles) THEN users.roles ELSE array_append(users.roles, 'admin') END,
           updated_at = greatest(shop_now(), users.updated_at + interval '1 ms')
       RETURNING ${USER}`,
      [admin.id, admin.email, admin.name, admin.passwordHash],
    );
    return user ?? null;
  }

  /** Whoever sets it by a mailed token reads that mailbox. */
  async setPassword(tx: EntityManager, id: string, passwordHash: string): Promise<UserRecord | null> {
    const [user] = await sql<UserRecord>(
      tx,
      `UPDATE users
       SET password_hash = $2,
           email_verified_at = coalesce(email_verified_at, shop_now()),
           updated_at = greatest(shop_now(), updated_at + interval '1 ms')
       WHERE id = $1 AND ${THERE}
       RETURNING ${USER}`,
      [id, passwordHash],
    );
    return user ?? null;
  }

  async markEmailVerified(tx: EntityManager, id: string): Promise<UserRecord | null> {
    const [user] = await sql<UserRecord>(
      tx,
      `UPDATE users
       SET email_verified_at = coalesce(email_verified_at, shop_now()),
           updated_at = greatest(shop_now(), updated_at + interval '1 ms')
       WHERE id = $1 AND ${THERE}
       RETURNING ${USER}`,
      [id],
    );
    return user ?? null;
  }

  /** `updated_at` always rises: it is also the version of the cached profile. */
  async update(tx: EntityManager, id: string, changes: ProfileChanges): Promise<UserRecord | null> {
    const [user] = await sql<UserRecord>(
      tx,
      `UPDATE users
       SET name = coalesce($2, name),
           phone = CASE WHEN $3 THEN $4 ELSE phone END,
           updated_at = greatest(shop_now(), updated_at + interval '1 ms')
       WHERE id = $1 AND ${THERE}
       RETURNING ${USER}`,
      [id, changes.name ?? null, changes.phone !== undefined, changes.phone ?? null],
    );
    return user ?? null;
  }

  /** The row stays for what refers to it, and names nobody. Again it changes nothing. */
  async erase(tx: EntityManager, id: string): Promise<void> {
    await sql(
      tx,
      `UPDATE users
       SET email = 'erased-' || id || '@${ERASED_DOMAIN}', name = 'erased', phone = NULL, password_hash = '', roles = '{}',
           email_verified_at = NULL, erased_at = shop_now(),
           updated_at = greatest(shop_now(), updated_at + interval '1 ms')
       WHERE id = $1 AND ${THERE}`,
      [id],
    );
  }

  /** What is left of an account that was erased. */
  async findErased(id: string): Promise<UserRecord | null> {
    const [user] = await sql<UserRecord>(
      this.source,
      `SELECT ${USER} FROM users WHERE id = $1 AND erased_at IS NOT NULL`,
      [id],
    );
    return user ?? null;
  }

  /**
   * Changes of one user's addresses and of how they sign in take turns. Does not keep out rows that only refer to the
   * user, but new sessions: those lock it `FOR SHARE`.
   */
  async lock(tx: EntityManager, id: string): Promise<void> {
    await sql(tx, `SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE`, [id]);
  }
}
