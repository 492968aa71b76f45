import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';

/** The archive job looks every ten minutes. */
const JOB_SECONDS = 600;
/** An order stays in both stores that long. */
const KEPT_HOURS = 48;

export interface ArchivableOrder {
  id: string;
  version: number;
  status: string;
  total_amount: string;
  /** Whether the row says that it is copied as it is. */
  copied: boolean;
  items: { productId: string; quantity: number; price: string }[];
  /** It should have left PostgreSQL by now. */
  leaving: boolean;
}

/** Finished orders in the orders database and what the archive owes them, read only. */
@Injectable()
export class ArchiveAuditRepository {
  /**
   * Copied already, or due for longer than the job and its work may take: a page by id, by orders_completed_at_idx. One
   * that an erasure changed is due anew.
   */
  async dueIds(
    executor: Executor,
    due: { days: number; settledFor: number },
    after: string | null,
    limit: number,
  ): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id
       FROM orders
       WHERE completed_at IS NOT NULL
         AND (archived_at IS NOT NULL
              OR completed_at < shop_now() - make_interval(days => $1, secs => $2))
         AND (archived_version = version OR updated_at < shop_now() - make_interval(secs => $2))
         AND ($3::uuid IS NULL OR id > $3)
       ORDER BY id
       LIMIT $4`,
      [due.days, due.settledFor + JOB_SECONDS, after, limit],
    );
    return rows.map((row) => row.id);
  }

  /** By orders_pkey and order_items_line_key. */
  orders(executor: Executor, orderIds: readonly string[], settledFor: number): Promise<ArchivableOrder[]> {
    return sql<ArchivableOrder>(
      executor,
      `SELECT o.id, o.version, o.status, o.total_amount,
              coalesce(o.archived_version = o.version, false) AS copied,
              coalesce((SELECT json_agg(json_build_object('productId', i.product_id, 'quantity', i.quantity,
                                          'price', i.price_at_purchase::text) ORDER BY i.line)
                        FROM order_items i WHERE i.order_id = o.id), '[]') AS items,
              coalesce(o.archived_version = o.version
                AND o.archived_at < shop_now() - make_interval(hours => $2, secs => $3), false) AS leaving
       FROM orders o
       WHERE o.id = ANY($1::uuid[])`,
      [orderIds, KEPT_HOURS, settledFor + JOB_SECONDS],
    );
  }
}
