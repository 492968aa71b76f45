import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, sqlLater, type Executor } from '../database/sql';

/** How a call of the provider ended. */
export interface AttemptEnd {
  id: string;
  outcome: string;
  detail: string | null;
}

const FINISH_ATTEMPTS = `
  UPDATE payment_attempts
  SET outcome = ended.outcome, detail = ended.detail, finished_at = shop_now()
  FROM unnest($1::bigint[], $2::text[], $3::text[]) AS ended(id, outcome, detail)
  WHERE payment_attempts.id = ended.id`;

function columnsOf(ends: readonly AttemptEnd[]): unknown[] {
  return [
    ends.map(({ id }) => id),
    ends.map(({ outcome }) => outcome),
    ends.map(({ detail }) => detail?.slice(0, 255) ?? null),
  ];
}

/** Table: payment_attempts, for ever. */
@Injectable()
export class PaymentAttemptsRepository {
  async finish(executor: Executor, end: AttemptEnd): Promise<void> {
    await sql(executor, FINISH_ATTEMPTS, columnsOf([end]));
  }

  /** The same of many, in the transaction that takes their answers for their payments'. */
  finishIn(tx: EntityManager, ends: readonly AttemptEnd[]): void {
    if (ends.length > 0) sqlLater(tx, FINISH_ATTEMPTS, columnsOf(ends));
  }
}
