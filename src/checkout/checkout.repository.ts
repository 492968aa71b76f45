import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toAmount } from '../common/money';
import { totalsOfRow, type Totals, type TotalsRow } from '../common/totals.dto';
import { sql, type Executor } from '../database/sql';
import { CHECKOUT, type CheckoutStatus } from './checkout.state';

export interface ShippingAddress {
  id: string;
  street: string;
  city: string;
  state: string;
  zipCode: string;
  country: string;
}

export interface CheckoutLine {
  productId: string;
  sku: string;
  name: string;
  /** Minor units. */
  unitPrice: number;
  quantity: number;
}

export interface CheckoutRecord {
  id: string;
  userId: string;
  orderId: string;
  cartId: string;
  cartVersion: number;
  status: CheckoutStatus;
  /** Held and its time has run out, though the expiry job has not come by yet. */
  overdue: boolean;
  lines: CheckoutLine[];
  totals: Totals;
  /** As it was when the customer checked out. */
  shippingAddress: ShippingAddress;
  shippingMethod: string;
  expiresAt: Date;
}

interface CheckoutRow extends TotalsRow {
  id: string;
  user_id: string;
  order_id: string;
  cart_id: string;
  cart_version: number;
  status: CheckoutStatus;
  overdue: boolean;
  lines: CheckoutLine[];
  shipping_address: ShippingAddress;
  shipping_method: string;
  expires_at: Date;
}

const COLUMNS = `id, user_id, order_id, cart_id, cart_version, status,
  status = 'held' AND expires_at <= shop_now() AS overdue,
  lines, currency, subtotal_amount, discount_amount, shipping_amount, tax_amount, total_amount,
  shipping_address, shipping_method, expires_at`;

function toRecord(row: CheckoutRow): CheckoutRecord {
  return {
    id: row.id,
    userId: row.user_id,
    orderId: row.order_id,
    cartId: row.cart_id,
    cartVersion: row.cart_version,
    status: row.status,
    overdue: row.overdue,
    lines: row.lines,
    totals: totalsOfRow(row),
    shippingAddress: row.shipping_address,
    shippingMethod: row.shipping_method,
    expiresAt: row.expires_at,
  };
}

/** Table: checkouts (products database). */
@Injectable()
export class CheckoutRepository {
  /** One customer's checkouts are made one after the other: each releases the one before. */
  async takeCustomersTurn(tx: EntityManager, userId: string): Promise<void> {
    await sql(tx, `SELECT pg_advisory_xact_lock(hashtextextended('checkout ' || $1, 0))`, [userId]);
  }

  async insert(
    tx: EntityManager,
    checkout: Omit<CheckoutRecord, 'status' | 'overdue' | 'expiresAt'>,
    ttlSeconds: number,
  ): Promise<CheckoutRecord> {
    const { totals } = checkout;
    const [row] = await sql<CheckoutRow>(
      tx,
      `INSERT INTO checkouts (id, user_id, order_id, cart_id, cart_version, lines, currency, subtotal_amount,
         discount_amount, shipping_amount, tax_amount, total_amount, shipping_address_id, shipping_address, shipping_method,
         expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
         shop_now() + make_interval(secs => $16))
       RETURNING ${COLUMNS}`,
      [
        checkout.id,
        checkout.userId,
        checkout.orderId,
        checkout.cartId,
        checkout.cartVersion,
        JSON.stringify(checkout.lines),
        totals.currency,
        toAmount(totals.subtotal),
        toAmount(totals.discount),
        toAmount(totals.shipping),
        toAmount(totals.tax),
        toAmount(totals.total),
        checkout.shippingAddress.id,
        JSON.stringify(checkout.shippingAddress),
        checkout.shippingMethod,
        ttlSeconds,
      ],
    );
    if (!row) throw new Error('the checkout was not stored');
    return toRecord(row);
  }

  async find(executor: Executor, id: string): Promise<CheckoutRecord | null> {
    const [row] = await sql<CheckoutRow>(executor, `SELECT ${COLUMNS} FROM checkouts WHERE id = $1`, [id]);
    return row ? toRecord(row) : null;
  }

  async lock(tx: EntityManager, id: string): Promise<CheckoutRecord | null> {
    const [row] = await sql<CheckoutRow>(tx, `SELECT ${COLUMNS} FROM checkouts WHERE id = $1 FOR UPDATE`, [id]);
    return row ? toRecord(row) : null;
  }

  /**
   * held -> claimed, if it is this customer's, its time has not run out and its total is the one expected (any, if null).
   * Null otherwise.
   */
  async claim(
    tx: EntityManager,
    { id, userId, expectedTotal }: { id: string; userId: string; expectedTotal: number | null },
  ): Promise<CheckoutRecord | null> {
    const [claimed] = await sql<CheckoutRow>(
      tx,
      `UPDATE checkouts
       SET status = 'claimed', claimed_at = shop_now(), updated_at = shop_now()
       WHERE id = $1
         AND user_id = $2
         AND status = ANY($3::text[])
         AND expires_at > shop_now()
         AND ($4::numeric IS NULL OR total_amount = $4)
       RETURNING ${COLUMNS}`,
      [id, userId, CHECKOUT.sourcesOf('claimed'), expectedTotal === null ? null : toAmount(expectedTotal)],
    );
    return claimed ? toRecord(claimed) : null;
  }

  /** The customer's open checkout, by checkouts_one_held_idx. */
  async lockHeldOf(tx: EntityManager, userId: string): Promise<CheckoutRecord | null> {
    const [row] = await sql<CheckoutRow>(
      tx,
      `SELECT ${COLUMNS} FROM checkouts WHERE user_id = $1 AND status = 'held' FOR UPDATE`,
      [userId],
    );
    return row ? toRecord(row) : null;
  }

  /** One hold that ran out, by checkouts_expiring_idx; any number of workers may ask at once. */
  async lockNextExpired(tx: EntityManager, passedOver: readonly string[]): Promise<CheckoutRecord | null> {
    const [row] = await sql<CheckoutRow>(
      tx,
      `SELECT ${COLUMNS}
       FROM checkouts
       WHERE status = 'held' AND expires_at <= shop_now() AND id <> ALL($1::uuid[])
       ORDER BY expires_at
       LIMIT 1
       FOR UPDATE SKIP LOCKED`,
      [passedOver],
    );
    return row ? toRecord(row) : null;
  }

  /** Checkouts claimed for an order a while ago whose stock is still unsettled, by reservations_claimed_idx. */
  async longClaimed(
    executor: Executor,
    seconds: number,
    after: string | null,
    limit: number,
  ): Promise<{ id: string; orderId: string }[]> {
    const rows = await sql<{ id: string; order_id: string }>(
      executor,
      `SELECT DISTINCT checkout_id AS id, order_id
       FROM reservations
       WHERE status = 'claimed'
         AND updated_at < shop_now() - make_interval(secs => $1)
         AND ($2::uuid IS NULL OR checkout_id > $2)
       ORDER BY checkout_id
       LIMIT $3`,
      [seconds, after, limit],
    );
    return rows.map((row) => ({ id: row.id, orderId: row.order_id }));
  }

  /** False when the checkout is in no state that may become this one. */
  async setStatus(tx: EntityManager, id: string, status: CheckoutStatus): Promise<boolean> {
    const moved = await sql(
      tx,
      `UPDATE checkouts
       SET status = $2::varchar,
           claimed_at = CASE WHEN $2::varchar = 'claimed' THEN shop_now() ELSE claimed_at END,
           updated_at = shop_now()
       WHERE id = $1 AND status = ANY($3::text[])
       RETURNING id`,
      [id, status, CHECKOUT.sourcesOf(status)],
    );
    return moved.length > 0;
  }
}
