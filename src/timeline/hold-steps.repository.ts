import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';
import { toStep, type StepRow } from './step.mapper';
import type { OrderStep } from './step.types';

/** Reads checkouts and reservations (products database). */
@Injectable()
export class HoldStepsRepository {
  /**
   * What became of the stock set aside, by checkouts_order_id_key and reservations_line_key. The lines of a checkout
   * move together, so that one of them speaks for all.
   */
  async of(executor: Executor, orderIds: readonly string[]): Promise<OrderStep[]> {
    const rows = await sql<StepRow>(
      executor,
      `WITH hold AS (
         SELECT checkout.id, checkout.order_id, checkout.created_at, checkout.claimed_at,
                to_char(checkout.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS expires_at,
                min(line.status) AS state, max(line.updated_at) AS moved_at,
                json_agg(json_build_object('productId', line.product_id, 'quantity', line.quantity)
                         ORDER BY line.product_id) AS items
         FROM checkouts checkout
         JOIN reservations line ON line.checkout_id = checkout.id
         WHERE checkout.order_id = ANY($1::uuid[])
         GROUP BY checkout.id
       )
       SELECT hold.order_id, 'hold:' || hold.id || ':' || moment.state AS id, moment.at, NULL AS ended_at,
              'stock' AS source, 'hold.' || moment.state AS type,
              json_build_object('checkoutId', hold.id, 'items', hold.items, 'expiresAt', hold.expires_at) AS detail,
              NULL AS failure, NULL AS traceparent, moment.state AS revision
       FROM hold
       CROSS JOIN LATERAL (
         VALUES ('held', hold.created_at),
                ('claimed', hold.claimed_at),
                (hold.state, CASE WHEN hold.state NOT IN ('held', 'claimed') THEN hold.moved_at END)
       ) AS moment(state, at)
       WHERE moment.at IS NOT NULL`,
      [orderIds],
    );
    return rows.map(toStep);
  }
}
