import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { toAmount, toMinorUnits } from '../common/money';
import { totalsOfRow, type TotalsRow } from '../common/totals.dto';
import { sql, type Executor } from '../database/sql';
import type { CancelReason } from '../events/order.events';
import type { OrderItemRecord, OrderRecord, ShippingAddress } from './order.record';
import { ORDER, type OrderStatus } from './order.state';

interface OrderRow extends TotalsRow {
  id: string;
  number: string;
  user_id: string;
  status: OrderStatus;
  shipping_address: ShippingAddress;
  shipping_method: string;
  checkout_id: string;
  cancel_reason: CancelReason | null;
  cancel_note: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
  items: { productId: string; sku: string; name: string; quantity: number; unitPrice: string }[];
  payment_id: string;
  payment_status: string | null;
  payment_provider: string | null;
  refunded_amount: string | null;
  shipment_id: string | null;
  carrier: string | null;
  tracking_number: string | null;
  shipped_at: Date | null;
  delivered_at: Date | null;
}

/** A whole order in one statement; payments is the one place that knows the payment's status. */
const SELECT_ORDER = `
  SELECT o.id, o.number, o.user_id, o.status, o.subtotal_amount, o.discount_amount, o.shipping_amount, o.tax_amount,
         o.total_amount, o.currency, o.shipping_address, o.shipping_method, o.checkout_id, o.cancel_reason,
         o.cancel_note, o.version,
         o.created_at, o.updated_at, o.completed_at,
         (SELECT json_agg(json_build_object('productId', i.product_id, 'sku', i.sku, 'name', i.name,
                    'quantity', i.quantity, 'unitPrice', i.price_at_purchase::text) ORDER BY i.line)
          FROM order_items i WHERE i.order_id = o.id) AS items,
         o.payment_id, p.status AS payment_status, p.provider AS payment_provider, p.refunded_amount,
         s.id AS shipment_id, s.carrier, s.tracking_number, s.shipped_at, s.delivered_at
  FROM orders o
  LEFT JOIN payments p ON p.id = o.payment_id
  LEFT JOIN shipments s ON s.order_id = o.id`;

function toRecord(row: OrderRow): OrderRecord {
  return {
    id: row.id,
    number: row.number,
    userId: row.user_id,
    status: row.status,
    totals: totalsOfRow(row),
    shippingAddress: row.shipping_address,
    shippingMethod: row.shipping_method,
    checkoutId: row.checkout_id,
    cancelReason: row.cancel_reason,
    cancelNote: row.cancel_note,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    completedAt: row.completed_at,
    items: row.items.map((item) => ({ ...item, unitPrice: toMinorUnits(item.unitPrice) })),
    payment: {
      id: row.payment_id,
      status: row.payment_status ?? 'initiated',
      provider: row.payment_provider ?? 'sandbox',
      refunded: toMinorUnits(row.refunded_amount ?? '0'),
    },
    shipment: row.shipment_id
      ? {
          carrier: row.carrier,
          trackingNumber: row.tracking_number,
          shippedAt: row.shipped_at,
          deliveredAt: row.delivered_at,
        }
      : null,
  };
}

/** Tables: orders, order_items; reads payments and shipments of the same database. */
@Injectable()
export class OrdersRepository {
  async insert(
    tx: EntityManager,
    order: {
      id: string;
      userId: string;
      totals: OrderRecord['totals'];
      shippingAddress: ShippingAddress;
      shippingMethod: string;
      paymentId: string;
      checkoutId: string;
      items: readonly OrderItemRecord[];
    },
  ): Promise<{ number: string; createdAt: Date }> {
    const { totals } = order;
    const [row] = await sql<{ number: string; created_at: Date }>(
      tx,
      `WITH placed AS (
         INSERT INTO orders (id, number, user_id, total_amount, subtotal_amount, discount_amount, shipping_amount,
           tax_amount, currency, shipping_address_id, shipping_address, shipping_method, payment_id, checkout_id)
         VALUES ($1, 'TP-' || nextval('order_numbers'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         RETURNING id, number, created_at
       ), items AS (
         INSERT INTO order_items (id, order_id, line, product_id, sku, name, quantity, price_at_purchase)
         SELECT item.id, placed.id, item.line, item.product_id, item.sku, item.name, item.quantity, item.price
         FROM placed, json_to_recordset($14::json) AS item(
           id uuid, line int, product_id uuid, sku text, name text, quantity int, price numeric)
       )
       SELECT number, created_at FROM placed`,
      [
        order.id,
        order.userId,
        toAmount(totals.total),
        toAmount(totals.subtotal),
        toAmount(totals.discount),
        toAmount(totals.shipping),
        toAmount(totals.tax),
        totals.currency,
        order.shippingAddress.id,
        JSON.stringify(order.shippingAddress),
        order.shippingMethod,
        order.paymentId,
        order.checkoutId,
        JSON.stringify(
          order.items.map((item, index) => ({
            id: uuidv7(),
            line: index + 1,
            product_id: item.productId,
            sku: item.sku,
            name: item.name,
            quantity: item.quantity,
            price: toAmount(item.unitPrice),
          })),
        ),
      ],
    );
    if (!row) throw new Error('the order was not stored');
    return { number: row.number, createdAt: row.created_at };
  }

  async find(executor: Executor, id: string): Promise<OrderRecord | null> {
    const [row] = await sql<OrderRow>(executor, `${SELECT_ORDER} WHERE o.id = $1`, [id]);
    return row ? toRecord(row) : null;
  }

  /** Locks the order first, then the caller may lock its payment. */
  async lock(tx: EntityManager, id: string): Promise<OrderRecord | null> {
    const [row] = await sql<OrderRow>(tx, `${SELECT_ORDER} WHERE o.id = $1 FOR UPDATE OF o`, [id]);
    return row ? toRecord(row) : null;
  }

  /** The same by its payment, whose order never changes: by payments_pkey, then orders_pkey. */
  async lockOfPayment(tx: EntityManager, paymentId: string): Promise<OrderRecord | null> {
    const [row] = await sql<OrderRow>(
      tx,
      `${SELECT_ORDER} WHERE o.id = (SELECT order_id FROM payments WHERE id = $1) FOR UPDATE OF o`,
      [paymentId],
    );
    return row ? toRecord(row) : null;
  }

  /** The same of many, locked by id; by id. */
  async lockAll(tx: EntityManager, ids: readonly string[]): Promise<Map<string, OrderRecord>> {
    const rows = await sql<OrderRow>(tx, `${SELECT_ORDER} WHERE o.id = ANY($1::uuid[]) ORDER BY o.id FOR UPDATE OF o`, [
      ids,
    ]);
    return new Map(rows.map((row) => [row.id, toRecord(row)]));
  }

  /** Of many those that nobody else holds: whoever asks waits for none. */
  async lockFree(tx: EntityManager, ids: readonly string[]): Promise<Map<string, OrderRecord>> {
    const rows = await sql<OrderRow>(
      tx,
      `${SELECT_ORDER} WHERE o.id = ANY($1::uuid[]) ORDER BY o.id FOR UPDATE OF o SKIP LOCKED`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, toRecord(row)]));
  }

  /** Those of these orders that were in a state that may become this one. The rows are locked by the caller, in order. */
  async setStatuses(tx: EntityManager, ids: readonly string[], status: OrderStatus): Promise<string[]> {
    const moved = await sql<{ id: string }>(
      tx,
      `UPDATE orders
       SET status = $2, version = version + 1, updated_at = shop_now()
       WHERE id = ANY($1::uuid[]) AND status = ANY($3::text[])
       RETURNING id`,
      [ids, status, ORDER.sourcesOf(status)],
    );
    return moved.map(({ id }) => id);
  }

  /** False when the order is in no state that may become this one. */
  async setStatus(
    tx: EntityManager,
    id: string,
    status: OrderStatus,
    cancelled?: { reason: CancelReason; note?: string },
  ): Promise<boolean> {
    const moved = await sql(
      tx,
      `UPDATE orders
       SET status = $2,
           cancel_reason = coalesce($3, cancel_reason),
           cancel_note = coalesce($6, cancel_note),
           completed_at = CASE WHEN $4 THEN shop_now() ELSE completed_at END,
           version = version + 1,
           updated_at = shop_now()
       WHERE id = $1 AND status = ANY($5::text[])
       RETURNING id`,
      [id, status, cancelled?.reason ?? null, ORDER.isFinal(status), ORDER.sourcesOf(status), cancelled?.note ?? null],
    );
    return moved.length > 0;
  }
}
