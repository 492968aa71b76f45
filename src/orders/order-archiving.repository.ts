import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';

/** Table: orders, its archiving columns. */
@Injectable()
export class OrderArchivingRepository {
  /** By orders_completed_at_idx. */
  async dueIds(executor: Executor, days: number, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id
       FROM orders
       WHERE completed_at < shop_now() - make_interval(days => $1) AND archived_version IS DISTINCT FROM version
       ORDER BY completed_at
       LIMIT $2`,
      [days, limit],
    );
    return rows.map((row) => row.id);
  }

  async markArchived(executor: Executor, id: string, version: number): Promise<void> {
    await sql(
      executor,
      `UPDATE orders SET archived_at = shop_now(), archived_version = $2 WHERE id = $1 AND version = $2`,
      [id, version],
    );
  }

  /** Only what was copied as it is now; items and shipments go with their order, payments and placements stay. */
  async deleteArchived(executor: Executor, hours: number): Promise<number> {
    const rows = await sql<{ id: string }>(
      executor,
      `DELETE FROM orders
       WHERE completed_at IS NOT NULL
         AND archived_at < shop_now() - make_interval(hours => $1)
         AND archived_version = version
       RETURNING id`,
      [hours],
    );
    return rows.length;
  }
}
