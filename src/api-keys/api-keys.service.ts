import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService } from '../audit/audit.service';
import { decodeCursor, toCursorPage, type CursorPage } from '../common/pagination';
import { randomToken, tokenHash } from '../common/random-token';
import { inTransaction } from '../database/sql';
import type { Permission } from '../http/permissions';
import { apiKeyNotFound } from './api-keys.errors';
import { ApiKeysRepository } from './api-keys.repository';
import type { ApiKeyRecord, NewApiKey } from './api-keys.types';

/** Scanners of leaked secrets, and our guard, know a key by how it begins. */
export const KEY_PREFIX = 'tpk_';
const HINT_LENGTH = KEY_PREFIX.length + 6;

/** What the trail keeps of a key. */
function told({ name, permissions, expiresAt }: ApiKeyRecord) {
  return { name, permissions, expiresAt: expiresAt?.toISOString() ?? null };
}

/** Keys of integrations: what they may do is named with each, and nothing else. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectDataSource('users') private readonly database: DataSource,
    private readonly keys: ApiKeysRepository,
    private readonly audit: AuditService,
  ) {}

  /** `key` is told this once: only its hash is kept. */
  async create(wanted: NewApiKey, actorId: string): Promise<{ record: ApiKeyRecord; key: string }> {
    const key = `${KEY_PREFIX}${randomToken()}`;
    return inTransaction(this.database, async (tx) => {
      const record = await this.keys.insert(tx, {
        ...wanted,
        id: uuidv7(),
        keyHash: tokenHash(key),
        hint: key.slice(0, HINT_LENGTH),
        createdBy: actorId,
      });
      await this.record(tx, actorId, 'api_key.created', record.id, null, told(record));
      return { record, key };
    });
  }

  /** Newest first, those that ended included. */
  async list(page: { cursor?: string; limit: number }): Promise<CursorPage<ApiKeyRecord>> {
    const rows = await this.keys.list(this.database, decodeCursor(page.cursor), page.limit + 1);
    return toCursorPage(rows, page.limit, ({ createdAt: at, id }) => ({ at, id }));
  }

  /** Those that this person made: an integration goes on with a key of somebody who is there. */
  async revokeAllOf(tx: EntityManager, userId: string): Promise<void> {
    for (const record of await this.keys.revokeAllOf(tx, userId)) {
      await this.record(tx, null, 'api_key.revoked', record.id, told(record), null);
    }
  }

  /** It is refused from the next request on. Asked again nothing changes. */
  async revoke(id: string, actorId: string): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const record = await this.keys.lock(tx, id);
      if (!record) throw apiKeyNotFound();
      if (record.revokedAt !== null) return;
      await this.keys.revoke(tx, id);
      await this.record(tx, actorId, 'api_key.revoked', id, told(record), null);
    });
  }

  /** Whose key this is, asked of the row each time; null when it does not hold (any more). */
  async holderOf(key: string): Promise<{ id: string; permissions: Permission[] } | null> {
    const live = await this.keys.findLive(this.database, tokenHash(key));
    if (!live) return null;
    if (live.usedLongAgo) await this.keys.touch(this.database, live.id);
    return { id: live.id, permissions: live.permissions };
  }

  private record(
    tx: Parameters<AuditService['record']>[0],
    actorId: string | null,
    action: string,
    subjectId: string,
    before: object | null,
    after: object | null,
  ): Promise<void> {
    return this.audit.record(tx, actorId, [{ action, subjectType: 'api_key', subjectId, before, after }]);
  }
}
