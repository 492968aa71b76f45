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

/** $1 subject, $2 actor, $3 action, $4 type, $5 position, $6 limit. A plan made for any value walks one index: `lead`'s. */
const listBy = (lead: string): string => `
  SELECT position, actor_id, action, subject_type, subject_id, before, after, request_id, at
  FROM audit_log
  WHERE ${lead}
    AND ($1::uuid IS NULL OR subject_id = $1)
    AND ($2::uuid IS NULL OR actor_id = $2)
    AND ($3::text IS NULL OR action = $3)
    AND ($4::text IS NULL OR subject_type = $4)
    AND position < coalesce($5::bigint, 9223372036854775807)
  ORDER BY position DESC
  LIMIT $6`;

const LIST = {
  subject: listBy('subject_id = $1'),
  actor: listBy('actor_id = $2'),
  action: listBy('action = $3'),
  all: listBy('true'),
};

/** By the narrowest of what is given. */
function textFor({ subjectId, actorId, action }: AuditFilter): string {
  if (subjectId !== null) return LIST.subject;
  if (actorId !== null) return LIST.actor;
  return action === null ? LIST.all : LIST.action;
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

  /** All that was done to these things, oldest first, by audit_log_subject_idx. */
  async about(executor: Executor, subjectIds: readonly string[]): Promise<AuditRecord[]> {
    const rows = await sql<Row>(
      executor,
      `SELECT position, actor_id, action, subject_type, subject_id, before, after, request_id, at
       FROM audit_log
       WHERE subject_id = ANY($1::uuid[])
       ORDER BY position`,
      [subjectIds],
    );
    return rows.map(toRecord);
  }

  /** Newest first, by the index of what is asked for, or audit_log_pkey. */
  async list(executor: Executor, filter: AuditFilter, before: number | null, limit: number): Promise<AuditRecord[]> {
    const rows = await sql<Row>(executor, textFor(filter), [
      filter.subjectId,
      filter.actorId,
      filter.action,
      filter.subjectType,
      before,
      limit,
    ]);
    return rows.map(toRecord);
  }
}
