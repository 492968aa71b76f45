import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, sqlLater, type Executor } from '../database/sql';
import { STEPS, type LeasedErasure, type StepReport } from './erasure.types';

/** Tables: erasures, erasure_steps. */
@Injectable()
export class ErasuresRepository {
  /** With the end of the account, in one transaction. */
  async insert(tx: EntityManager, userId: string, sessionIds: readonly string[]): Promise<Date> {
    const [erasure] = await sql<{ requestedAt: Date }>(
      tx,
      `INSERT INTO erasures (user_id, session_ids) VALUES ($1, $2) RETURNING requested_at AS "requestedAt"`,
      [userId, sessionIds],
    );
    if (!erasure) throw new Error('the erasure was not stored');
    this.beginSteps(tx, userId);
    return erasure.requestedAt;
  }

  /** All of it is due again, as at first. Null when there is none. */
  async begin(tx: EntityManager, userId: string): Promise<Date | null> {
    const [erasure] = await sql<{ requestedAt: Date }>(
      tx,
      `UPDATE erasures SET requested_at = shop_now(), next_try_at = shop_now(), tries = 0, completed_at = NULL
       WHERE user_id = $1
       RETURNING requested_at AS "requestedAt"`,
      [userId],
    );
    if (!erasure) return null;
    this.beginSteps(tx, userId);
    return erasure.requestedAt;
  }

  private beginSteps(tx: EntityManager, userId: string): void {
    sqlLater(
      tx,
      `INSERT INTO erasure_steps (user_id, step) SELECT $1, unnest($2::text[])
       ON CONFLICT (user_id, step) DO UPDATE SET runs = 0, done_at = NULL, waits_for = NULL, last_error = NULL`,
      [userId, STEPS],
    );
  }

  /** What is due, by erasures_due_idx; a lease that ran out (a killed server) comes up again. */
  leaseDue(executor: Executor, lease: { seconds: number; settles: number }, limit: number): Promise<LeasedErasure[]> {
    return sql<LeasedErasure>(
      executor,
      `WITH due AS (
         SELECT user_id
         FROM erasures
         WHERE completed_at IS NULL AND next_try_at <= shop_now()
         ORDER BY next_try_at
         LIMIT $3
         FOR UPDATE SKIP LOCKED
       )
       UPDATE erasures
       SET tries = tries + 1, next_try_at = shop_now() + make_interval(secs => $1)
       FROM due
       WHERE erasures.user_id = due.user_id
       RETURNING erasures.user_id AS "userId", session_ids AS "sessionIds", tries,
                 requested_at <= shop_now() - make_interval(secs => $2) AS settled`,
      [lease.seconds, lease.settles, limit],
    );
  }

  /** Sessions whose rows were found by a later run. */
  async addSessions(tx: EntityManager, userId: string, sessionIds: readonly string[]): Promise<void> {
    await sql(tx, `UPDATE erasures SET session_ids = session_ids || $2::uuid[] WHERE user_id = $1`, [
      userId,
      sessionIds,
    ]);
  }

  async report(executor: Executor, userId: string, reports: readonly StepReport[]): Promise<void> {
    await sql(
      executor,
      `UPDATE erasure_steps
       SET runs = runs + 1, waits_for = report."waitsFor", last_error = report.error,
           done_at = CASE WHEN report.error IS NULL THEN shop_now() ELSE done_at END
       FROM json_to_recordset($2::json) AS report(step text, "waitsFor" text, error text)
       WHERE erasure_steps.user_id = $1 AND erasure_steps.step = report.step`,
      [userId, JSON.stringify(reports)],
    );
  }

  async comeBack(executor: Executor, userId: string, seconds: number): Promise<void> {
    await sql(
      executor,
      `UPDATE erasures SET next_try_at = shop_now() + make_interval(secs => $2)
       WHERE user_id = $1 AND completed_at IS NULL`,
      [userId, seconds],
    );
  }

  /** Nothing is left to be told to anyone. False when somebody else was faster, or it was asked for again meanwhile. */
  async complete(executor: Executor, userId: string, settles: number): Promise<boolean> {
    const rows = await sql(
      executor,
      `UPDATE erasures SET completed_at = shop_now(), session_ids = '{}'
       WHERE user_id = $1 AND completed_at IS NULL AND requested_at <= shop_now() - make_interval(secs => $2)
       RETURNING user_id`,
      [userId, settles],
    );
    return rows.length > 0;
  }
}
