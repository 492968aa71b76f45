import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, sqlLater, type Executor } from '../database/sql';

/** Whoever seals holds it until the end of the transaction: one chain, however many servers. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('audit_seals'))`;

/** An entry as it is sealed: every column, as one text that is the same for ever. */
const ENTRY = `json_build_array(audit_log.position, actor_id, action, subject_type, subject_id, before, after, request_id,
  to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS'))::text`;

export interface UnsealedEntry {
  position: string;
  entry: string;
}

export interface SealedEntry {
  place: string;
  position: string;
  seal: string;
  /** Null when the entry is gone. */
  entry: string | null;
}

/** Tables: audit_seals, audit_unsealed; reads audit_log. Of whichever database is named. */
@Injectable()
export class AuditSealsRepository {
  async hasUnsealed(executor: Executor): Promise<boolean> {
    return (await sql(executor, `SELECT position FROM audit_unsealed LIMIT 1`)).length > 0;
  }

  async lockChain(tx: EntityManager): Promise<void> {
    await sql(tx, LOCK);
  }

  /** The end of the chain; an empty text before the first. */
  async head(executor: Executor): Promise<string> {
    const [last] = await sql<{ seal: string }>(executor, `SELECT seal FROM audit_seals ORDER BY place DESC LIMIT 1`);
    return last?.seal ?? '';
  }

  async unsealed(tx: EntityManager, limit: number): Promise<UnsealedEntry[]> {
    return sql<UnsealedEntry>(
      tx,
      `SELECT audit_log.position, ${ENTRY} AS entry
       FROM audit_unsealed
       JOIN audit_log ON audit_log.position = audit_unsealed.position
       WHERE NOT EXISTS (SELECT FROM audit_seals WHERE audit_seals.position = audit_unsealed.position)
       ORDER BY audit_log.position
       LIMIT $1`,
      [limit],
    );
  }

  /** In this order. */
  seal(tx: EntityManager, links: readonly { position: string; seal: string }[]): void {
    const positions = links.map(({ position }) => position);
    sqlLater(
      tx,
      `INSERT INTO audit_seals (position, seal)
       SELECT position, seal
       FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS link(position, seal, nth)
       ORDER BY nth`,
      [positions, links.map(({ seal }) => seal)],
    );
    sqlLater(tx, `DELETE FROM audit_unsealed WHERE position = ANY($1::bigint[])`, [positions]);
  }

  /** The chain from this place on, with what it seals, by audit_seals_pkey and audit_log_pkey. */
  async chain(executor: Executor, afterPlace: string, limit: number): Promise<SealedEntry[]> {
    return sql<SealedEntry>(
      executor,
      `SELECT place, audit_seals.position, seal,
              CASE WHEN audit_log.position IS NULL THEN NULL ELSE ${ENTRY} END AS entry
       FROM audit_seals
       LEFT JOIN audit_log ON audit_log.position = audit_seals.position
       WHERE place > $1
       ORDER BY place
       LIMIT $2`,
      [afterPlace, limit],
    );
  }

  /** Entries that are neither sealed nor wait for it: someone took their seal away, or added them by another way. */
  async neverSealed(executor: Executor, limit: number): Promise<string[]> {
    const rows = await sql<{ position: string }>(
      executor,
      `SELECT position
       FROM audit_log
       WHERE NOT EXISTS (SELECT FROM audit_seals WHERE audit_seals.position = audit_log.position)
         AND NOT EXISTS (SELECT FROM audit_unsealed WHERE audit_unsealed.position = audit_log.position)
       ORDER BY position
       LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.position);
  }
}
