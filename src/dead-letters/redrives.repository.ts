import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';
import { DEAD_LETTER } from './dead-letter.state';
import type { LeasedDeadLetter, StoredHeaders } from './dead-letter.record';

const MOST_ERROR = 500;

/** Table: dead_letters, as its state machine moves on. Each statement changes a row only from the state it may leave. */
@Injectable()
export class RedrivesRepository {
  /** open -> redriving, due at once. */
  async request(tx: EntityManager, id: string, userId: string): Promise<void> {
    await sql(
      tx,
      `UPDATE dead_letters
       SET status = 'redriving', decided_by = $2, decided_at = shop_now(), next_try_at = shop_now()
       WHERE id = $1 AND status = ANY($3::text[])`,
      [id, userId, DEAD_LETTER.sourcesOf('redriving')],
    );
  }

  /** open -> discarded. */
  async discard(tx: EntityManager, id: string, userId: string, reason: string): Promise<void> {
    await sql(
      tx,
      `UPDATE dead_letters
       SET status = 'discarded', decided_by = $2, decided_at = shop_now(), discard_reason = $3
       WHERE id = $1 AND status = ANY($4::text[])`,
      [id, userId, reason, DEAD_LETTER.sourcesOf('discarded')],
    );
  }

  /** Leases what is due, by dead_letters_due_idx; a lease that ran out (a killed sender) comes up again. */
  async leaseDue(executor: Executor, seconds: number, limit: number): Promise<LeasedDeadLetter[]> {
    const rows = await sql<{
      id: string;
      listener_group: string | null;
      topic: string;
      key: Buffer | null;
      value: Buffer | null;
      headers: StoredHeaders;
      tries: number;
    }>(
      executor,
      `WITH due AS (
         SELECT id
         FROM dead_letters
         WHERE status = 'redriving' AND next_try_at <= shop_now()
         ORDER BY next_try_at
         LIMIT $1
         FOR UPDATE SKIP LOCKED
       )
       UPDATE dead_letters
       SET tries = tries + 1, next_try_at = shop_now() + make_interval(secs => $2)
       FROM due
       WHERE dead_letters.id = due.id
       RETURNING dead_letters.id, listener_group, topic, key, value, headers, tries`,
      [limit, seconds],
    );
    return rows.map(({ listener_group: listenerGroup, ...row }) => ({ ...row, listenerGroup }));
  }

  /** redriving -> redriven. */
  async succeed(executor: Executor, id: string): Promise<void> {
    await sql(
      executor,
      `UPDATE dead_letters
       SET status = 'redriven', redriven_at = shop_now(), last_error = NULL
       WHERE id = $1 AND status = ANY($2::text[])`,
      [id, DEAD_LETTER.sourcesOf('redriven')],
    );
  }

  async postpone(executor: Executor, id: string, seconds: number, error: string): Promise<void> {
    await sql(
      executor,
      `UPDATE dead_letters
       SET next_try_at = shop_now() + make_interval(secs => $2), last_error = $3
       WHERE id = $1 AND status = 'redriving'`,
      [id, seconds, error.slice(0, MOST_ERROR)],
    );
  }
}
