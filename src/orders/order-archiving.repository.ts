import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';

/** Table: orders, its archiving columns. */
@Injectable()
export class OrderArchivingRepository {
  /** A page of what is due, by id: one order that cannot be copied holds up no other. */
  async dueIds(executor: Executor, days: number, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id
       FROM orders
       WHERE completed_at < shop_now() - make_interval(days => $1)
         AND archived_version IS DISTINCT FROM version
         AND ($2::uuid IS NULL OR id > $2)
       ORDER BY id
       LIMIT $3`,
      [days, after, limit],
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

  /** Orders whose copy is older than that and still what they are now. */
  async copied(executor: Executor, hours: number, limit: number): Promise<{ id: string; version: number }[]> {
    return sql<{ id: string; version: number }>(
      executor,
      `SELECT id, version
       FROM orders
       WHERE completed_at IS NOT NULL
         AND archived_at < shop_now() - make_interval(hours => $1)
         AND archived_version = version
       ORDER BY archived_at
       LIMIT $2`,
      [hours, limit],
    );
  }

  /** Only as it was copied; items and shipments go with their order, payments and placements stay. */
  async remove(executor: Executor, id: string, version: number): Promise<void> {
    await sql(executor, `DELETE FROM orders WHERE id = $1 AND version = $2`, [id, version]);
  }

  /** The copy is gone (MongoDB was restored from an older backup): the order is copied again. */
  async forgetCopy(executor: Executor, id: string): Promise<void> {
    await sql(executor, `UPDATE orders SET archived_at = NULL, archived_version = NULL WHERE id = $1`, [id]);
  }
}
