import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ERASED_ADDRESS } from '../common/erased.mark';
import type { Cursor } from '../common/pagination';
import { sql, sqlLater, type Executor } from '../database/sql';
import type { CheckoutLine, ShippingAddress } from './checkout.repository';
import type { CheckoutStatus } from './checkout.state';

export interface KeptCheckout {
  id: string;
  orderId: string;
  status: CheckoutStatus;
  lines: CheckoutLine[];
  currency: string;
  totalAmount: string;
  shippingAddress: ShippingAddress;
  shippingMethod: string;
  createdAt: Date;
}

/** Table: checkouts, by person. */
@Injectable()
export class PersonalCheckoutsRepository {
  /** Newest first, by checkouts_user_id_idx. */
  list(executor: Executor, userId: string, after: Cursor | null, limit: number): Promise<KeptCheckout[]> {
    return sql<KeptCheckout>(
      executor,
      `SELECT id, order_id AS "orderId", status, lines, currency, total_amount AS "totalAmount",
              shipping_address AS "shippingAddress", shipping_method AS "shippingMethod", created_at AS "createdAt"
       FROM checkouts
       WHERE user_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $4`,
      [userId, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  async heldOf(executor: Executor, userId: string): Promise<string | null> {
    const [held] = await sql<{ id: string }>(
      executor,
      `SELECT id FROM checkouts WHERE user_id = $1 AND status = 'held'`,
      [userId],
    );
    return held?.id ?? null;
  }

  /** Which address of the customer it was stays, by an id that names nothing any more. */
  erase(tx: EntityManager, userId: string): void {
    sqlLater(
      tx,
      `UPDATE checkouts
       SET shipping_address = (jsonb_build_object('id', shipping_address_id) || $2::jsonb)::json
       WHERE user_id = $1 AND shipping_address->>'street' <> $3`,
      [userId, JSON.stringify(ERASED_ADDRESS), ERASED_ADDRESS.street],
    );
  }
}
