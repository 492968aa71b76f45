import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import type { AuditEntry, AuditedType, AuditFilter, AuditRecord } from './audit.types';

interface Row {
  position: string;
  actor_id: string | null;
  action: string;
  subject_type: AuditedType;
  subject_id: string;
  before: object | null;
  after: object | null;
  request_id: string | null;
  at: Date;
}

function toRecord(row: Row): AuditRecord {
  return {
    position: row.position,
    actorId: row.actor_id,
    action: row.action,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    before: row.before,
    after: row.after,
    requestId: row.request_id,
    at: row.at,
  };
}

/** Table: audit_log, of whichever database the transaction is in. */
@Injectable()
export class AuditRepository {
  async insert(
    tx: EntityManager,
    actorId: string | null,
    requestId: string | null,
    entries: readonly AuditEntry[],
  ): Promise<void> {
    await sql(
      tx,
      `INSERT INTO audit_log (actor_id, action, subject_type, subject_id, before, after, request_id)
       SELECT $1::uuid, action, subject_type, subject_id, before, after, $2::text
       FROM ROWS FROM (json_to_recordset($3::json) AS (
              action text, subject_type text, subject_id uuid, before json, after json))
            WITH ORDINALITY AS entry(action, subject_type, subject_id, before, after, place)
       ORDER BY place`,
      [
        actorId,
        requestId,
        JSON.stringify(
          entries.map(({ action, subjectType, subjectId, before, after }) => ({
            action,
            subject_type: subjectType,
            subject_id: subjectId,
            before: before ?? undefined,
            after: after ?? undefined,
          })),
        ),
      ],
    );
  }

  /** Newest first, by audit_log_pkey or the index of whatever is asked for. */
  async list(executor: Executor, filter: AuditFilter, before: number | null, limit: number): Promise<AuditRecord[]> {
    const rows = await sql<Row>(
      executor,
      `SELECT position, actor_id, action, subject_type, subject_id, before, after, request_id, at
       FROM audit_log
       WHERE ($1::text IS NULL OR subject_type = $1)
         AND ($2::uuid IS NULL OR subject_id = $2)
         AND ($3::uuid IS NULL OR actor_id = $3)
         AND ($4::text IS NULL OR action = $4)
         AND ($5::bigint IS NULL OR position < $5)
       ORDER BY position DESC
       LIMIT $6`,
      [filter.subjectType, filter.subjectId, filter.actorId, filter.action, before, limit],
    );
    return rows.map(toRecord);
  }
}
