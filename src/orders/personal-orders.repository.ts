import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ERASED_ADDRESS } from '../common/erased.mark';
import { literals, sql, sqlLater, type Executor } from '../database/sql';
import { ORDER, ORDER_STATUSES } from './order.state';

/** No order goes on from there. */
const ENDED = literals(ORDER_STATUSES.filter((status) => ORDER.isFinal(status)));

/** Table: orders, by person. */
@Injectable()
export class PersonalOrdersRepository {
  /** Those that are not finished, by orders_user_id_idx. */
  async openOf(executor: Executor, userId: string, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id FROM orders WHERE user_id = $1 AND status NOT IN (${ENDED}) ORDER BY created_at DESC, id DESC LIMIT $2`,
      [userId, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** By orders_user_id_idx. */
  async idsOf(executor: Executor, userId: string): Promise<string[]> {
    const rows = await sql<{ id: string }>(executor, `SELECT id FROM orders WHERE user_id = $1`, [userId]);
    return rows.map(({ id }) => id);
  }

  /**
   * Of finished orders; what is on its way needs its address. The version rises: a copy in the archive from before is
   * replaced, and an archive job that read the order just now can not say that it is copied.
   */
  erase(tx: EntityManager, userId: string): void {
    sqlLater(
      tx,
      `UPDATE orders
       SET shipping_address = (jsonb_build_object('id', shipping_address_id) || $2::jsonb)::json, cancel_note = NULL,
           version = version + 1, updated_at = shop_now()
       WHERE user_id = $1 AND status IN (${ENDED})
         AND (shipping_address->>'street' <> $3 OR cancel_note IS NOT NULL)`,
      [userId, JSON.stringify(ERASED_ADDRESS), ERASED_ADDRESS.street],
    );
  }

  /** What staff were answered about these orders, with their words in it; a day's keys are few to look through. */
  forgetAnswersAbout(tx: EntityManager, userId: string): void {
    sqlLater(
      tx,
      `DELETE FROM idempotency_keys
       WHERE substring(lower(scope) FROM '/orders/([0-9a-f-]{36})') IN (SELECT order_id::text FROM payments WHERE user_id = $1)`,
      [userId],
    );
  }
}
