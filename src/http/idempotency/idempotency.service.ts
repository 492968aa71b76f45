import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AppError } from '../../common/app-error';
import { sql, sqlLater, type Executor } from '../../database/sql';
import type { IdempotentRequest } from './idempotency.decorators';

/** What a request with a key led to: its answer, and whether that was kept from the first time. */
export interface Outcome<T> {
  body: T;
  replayed: boolean;
}

interface StoredAnswer {
  request_hash: string;
  response: object;
  fresh: boolean;
}

/**
 * `Idempotency-Key` (IETF draft httpapi-idempotency-key): the stored answer lives in the database of the effect and is
 * written by the same transaction. Only successes are kept: a failure rolls its row back with everything else.
 */
@Injectable()
export class Idempotency {
  /**
   * Runs `work` once for this key. The same key again gives the stored answer; with another body 422; while the first
   * still runs 409 with Retry-After. Without a key `work` just runs.
   */
  async once<T extends object>(
    tx: EntityManager,
    request: IdempotentRequest | null,
    work: () => Promise<T>,
  ): Promise<Outcome<T>> {
    if (request === null) return { body: await work(), replayed: false };
    // Sent together, run one after the other: with the turn taken, what another has stored is seen.
    const [, stored] = await Promise.all([this.takeTurn(tx, request), this.find<T>(tx, request)]);
    if (stored) return { body: stored, replayed: true };
    const body = await work();
    // A key older than a day is forgotten: it may be used anew before the sweeper came by.
    sqlLater(
      tx,
      `INSERT INTO idempotency_keys (scope, key, request_hash, response) VALUES ($1, $2, $3, $4)
       ON CONFLICT (scope, key) DO UPDATE
       SET request_hash = EXCLUDED.request_hash, response = EXCLUDED.response, created_at = shop_now()`,
      [request.scope, request.key, request.requestHash, JSON.stringify(body)],
    );
    return { body, replayed: false };
  }

  /** The stored answer of this key, or null; throws 422 when the key was used with another body. */
  async find<T extends object>(executor: Executor, request: IdempotentRequest): Promise<T | null> {
    const [stored] = await sql<StoredAnswer & { response: T }>(
      executor,
      `SELECT request_hash, response, created_at > shop_now() - interval '24 hours' AS fresh
       FROM idempotency_keys
       WHERE scope = $1 AND key = $2`,
      [request.scope, request.key],
    );
    if (!stored?.fresh) return null;
    if (stored.request_hash !== request.requestHash) {
      throw new AppError(
        'unprocessable',
        'idempotency.key_reused',
        'This Idempotency-Key was used for another request body.',
      );
    }
    return stored.response;
  }

  /** The stored answers of one user: copies of what they may have had taken away. A day's keys are few to look through. */
  forgetOf(tx: EntityManager, userId: string): void {
    sqlLater(tx, `DELETE FROM idempotency_keys WHERE starts_with(scope, $1)`, [`${userId} `]);
  }

  private async takeTurn(tx: EntityManager, request: IdempotentRequest): Promise<void> {
    const [turn] = await sql<{ taken: boolean }>(
      tx,
      `SELECT pg_try_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0)) AS taken`,
      [request.scope, request.key],
    );
    if (turn?.taken) return;
    throw new AppError(
      'conflict',
      'idempotency.in_progress',
      'The first request with this Idempotency-Key is still running.',
      {},
      1,
    );
  }
}
