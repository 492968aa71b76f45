import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Cursor } from '../common/pagination';
import { sql, type Executor } from '../database/sql';
import type { Permission } from '../http/permissions';
import type { ApiKeyRecord, NewApiKey } from './api-keys.types';

const COLUMNS = `id, name, hint, permissions, created_by AS "createdBy", created_at AS "createdAt",
  expires_at AS "expiresAt", revoked_at AS "revokedAt", last_used_at AS "lastUsedAt"`;

/** A key that holds. */
export interface LiveApiKey {
  id: string;
  permissions: Permission[];
  /** It was not used for a minute, or never. */
  usedLongAgo: boolean;
}

/** Table: api_keys. */
@Injectable()
export class ApiKeysRepository {
  async insert(
    tx: EntityManager,
    key: NewApiKey & { id: string; keyHash: string; hint: string; createdBy: string },
  ): Promise<ApiKeyRecord> {
    const [row] = await sql<ApiKeyRecord>(
      tx,
      `INSERT INTO api_keys (id, name, key_hash, hint, permissions, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       RETURNING ${COLUMNS}`,
      [key.id, key.name, key.keyHash, key.hint, key.permissions, key.createdBy, key.expiresAt],
    );
    if (!row) throw new Error('the API key was not stored');
    return row;
  }

  /** By api_keys_key_hash_key; null when it was revoked, has ended or never was. */
  async findLive(executor: Executor, keyHash: string): Promise<LiveApiKey | null> {
    const [row] = await sql<LiveApiKey>(
      executor,
      `SELECT id, permissions, coalesce(last_used_at < shop_now() - interval '1 minute', true) AS "usedLongAgo"
       FROM api_keys
       WHERE key_hash = $1 AND revoked_at IS NULL AND coalesce(expires_at > shop_now(), true)`,
      [keyHash],
    );
    return row ?? null;
  }

  async touch(executor: Executor, id: string): Promise<void> {
    await sql(executor, `UPDATE api_keys SET last_used_at = shop_now() WHERE id = $1`, [id]);
  }

  /** Newest first, by api_keys_created_at_idx. */
  async list(executor: Executor, after: Cursor | null, limit: number): Promise<ApiKeyRecord[]> {
    return sql<ApiKeyRecord>(
      executor,
      `SELECT ${COLUMNS}
       FROM api_keys
       WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1::timestamptz, $2::uuid)
       ORDER BY created_at DESC, id DESC
       LIMIT $3`,
      [after?.at ?? null, after?.id ?? null, limit],
    );
  }

  async lock(tx: EntityManager, id: string): Promise<ApiKeyRecord | null> {
    const [row] = await sql<ApiKeyRecord>(tx, `SELECT ${COLUMNS} FROM api_keys WHERE id = $1 FOR NO KEY UPDATE`, [id]);
    return row ?? null;
  }

  /** Gives those that were not. There are few keys in all. */
  revokeAllOf(tx: EntityManager, createdBy: string): Promise<ApiKeyRecord[]> {
    return sql<ApiKeyRecord>(
      tx,
      `UPDATE api_keys SET revoked_at = shop_now() WHERE created_by = $1 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
      [createdBy],
    );
  }

  async revoke(tx: EntityManager, id: string): Promise<void> {
    await sql(tx, `UPDATE api_keys SET revoked_at = shop_now() WHERE id = $1`, [id]);
  }
}
