import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';

export interface StockCounters {
  product_id: string;
  quantity: number;
  reserved_quantity: number;
  /** Held and claimed by reservations. */
  held: string;
  /** The sum of the product's movements. */
  ledger: string;
}

export interface ReservationRow {
  checkout_id: string;
  product_id: string;
  status: string;
  quantity: number;
}

export interface CheckoutStates {
  id: string;
  order_id: string;
  status: string;
  /** States of its reservations, each once; null without any. */
  reservations: string[] | null;
}

/** The products database, read only. Statements of its own: shared with what it audits, it would share its mistakes. */
@Injectable()
export class StockAuditRepository {
  /** By inventory_pkey. */
  async productIds(executor: Executor, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ product_id: string }>(
      executor,
      `SELECT product_id
       FROM inventory
       WHERE ($1::uuid IS NULL OR product_id > $1)
       ORDER BY product_id
       LIMIT $2`,
      [after, limit],
    );
    return rows.map((row) => row.product_id);
  }

  /** One snapshot of counters, holds and ledger, by reservations_live_idx and stock_movements_product_id_idx. */
  counters(executor: Executor, productIds: readonly string[]): Promise<StockCounters[]> {
    return sql<StockCounters>(
      executor,
      `SELECT product_id, quantity, reserved_quantity,
              (SELECT coalesce(sum(r.quantity), 0)
               FROM reservations r
               WHERE r.product_id = inventory.product_id AND r.status IN ('held', 'claimed')) AS held,
              (SELECT coalesce(sum(m.delta), 0)
               FROM stock_movements m
               WHERE m.product_id = inventory.product_id) AS ledger
       FROM inventory
       WHERE product_id = ANY($1::uuid[])`,
      [productIds],
    );
  }

  /** By checkouts_pkey. */
  async checkoutIds(executor: Executor, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id FROM checkouts WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
      [after, limit],
    );
    return rows.map((row) => row.id);
  }

  /** One snapshot of checkouts and what they hold, by checkouts_pkey and reservations_line_key. */
  checkoutStates(executor: Executor, checkoutIds: readonly string[]): Promise<CheckoutStates[]> {
    return sql<CheckoutStates>(
      executor,
      `SELECT id, order_id, status,
              (SELECT array_agg(DISTINCT r.status::text) FROM reservations r WHERE r.checkout_id = checkouts.id)
                AS reservations
       FROM checkouts
       WHERE id = ANY($1::uuid[])`,
      [checkoutIds],
    );
  }

  /** By reservations_line_key. */
  reservations(executor: Executor, checkoutIds: readonly string[]): Promise<ReservationRow[]> {
    return sql<ReservationRow>(
      executor,
      `SELECT checkout_id, product_id, status, quantity FROM reservations WHERE checkout_id = ANY($1::uuid[])`,
      [checkoutIds],
    );
  }

  /** Holds whose time ran out that long ago, by checkouts_expiring_idx; of these checkouts only, when some are named. */
  async overdueHolds(
    executor: Executor,
    seconds: number,
    among: readonly string[] | null,
    limit: number,
  ): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      executor,
      `SELECT id
       FROM checkouts
       WHERE status = 'held'
         AND expires_at < shop_now() - make_interval(secs => $1)
         AND ($2::uuid[] IS NULL OR id = ANY($2))
       ORDER BY expires_at
       LIMIT $3`,
      [seconds, among, limit],
    );
    return rows.map((row) => row.id);
  }

  /** Checkouts claimed that long ago whose stock is unsettled, by reservations_claimed_idx. */
  async claimedFor(executor: Executor, seconds: number, after: string | null, limit: number): Promise<string[]> {
    const rows = await sql<{ checkout_id: string }>(
      executor,
      `SELECT DISTINCT checkout_id
       FROM reservations
       WHERE status = 'claimed'
         AND updated_at < shop_now() - make_interval(secs => $1)
         AND ($2::uuid IS NULL OR checkout_id > $2)
       ORDER BY checkout_id
       LIMIT $3`,
      [seconds, after, limit],
    );
    return rows.map((row) => row.checkout_id);
  }

  /** Which of these checkouts still hold claimed stock, by reservations_line_key. */
  async stillClaimed(executor: Executor, checkoutIds: readonly string[]): Promise<string[]> {
    const rows = await sql<{ checkout_id: string }>(
      executor,
      `SELECT DISTINCT checkout_id FROM reservations WHERE checkout_id = ANY($1::uuid[]) AND status = 'claimed'`,
      [checkoutIds],
    );
    return rows.map((row) => row.checkout_id);
  }

  /**
   * Events that the inventory group dealt with though their stock did not follow: of a paid order it is still claimed,
   * of a cancelled one still claimed or committed. By inbox_pkey and reservations_line_key, in one snapshot.
   */
  async handledWithoutEffect(
    executor: Executor,
    group: string,
    events: readonly { eventId: string; checkoutId: string; cancelled: boolean }[],
  ): Promise<string[]> {
    const rows = await sql<{ event_id: string }>(
      executor,
      `SELECT DISTINCT event.event_id
       FROM unnest($2::uuid[], $3::uuid[], $4::boolean[]) AS event(event_id, checkout_id, cancelled)
       JOIN inbox ON inbox.listener_group = $1 AND inbox.event_id = event.event_id
       JOIN reservations ON reservations.checkout_id = event.checkout_id
       WHERE reservations.status = 'claimed' OR (event.cancelled AND reservations.status = 'committed')`,
      [
        group,
        events.map((event) => event.eventId),
        events.map((event) => event.checkoutId),
        events.map((event) => event.cancelled),
      ],
    );
    return rows.map((row) => row.event_id);
  }
}
