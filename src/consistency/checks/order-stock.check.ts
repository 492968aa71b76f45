import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { PAGE, pageOf, type Check, type Finding, type Fix, type Page, type Scope } from '../consistency.types';
import { OrdersAuditRepository, type SettlingOrder } from '../orders-audit.repository';
import { StockAuditRepository, type ReservationRow } from '../stock-audit.repository';

/** What an order's reservations come to. A parcel that left cannot have come back. */
const STATES_OF: ReadonlyMap<string, readonly string[]> = new Map([
  ['pending', ['claimed']],
  ['confirmed', ['committed']],
  ['processing', ['committed']],
  ['shipped', ['committed']],
  ['delivered', ['committed']],
  ['cancelled', ['released', 'restocked']],
]);

/** From where the repair still leads there; anything else is lost to it. */
const REPAIRED_FROM: ReadonlyMap<string, readonly string[]> = new Map([
  ['confirmed', ['claimed']],
  ['processing', ['claimed']],
  ['shipped', ['claimed']],
  ['delivered', ['claimed']],
  ['cancelled', ['claimed', 'committed']],
]);

function piecesByProduct(lines: readonly { productId: string; quantity: number }[]): Map<string, number> {
  const pieces = new Map<string, number>();
  for (const { productId, quantity } of lines) pieces.set(productId, (pieces.get(productId) ?? 0) + quantity);
  return pieces;
}

function differ(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size !== b.size || [...a].some(([productId, quantity]) => b.get(productId) !== quantity);
}

/** Promise 7 between two databases: an order's stock follows the order. The order is read first: stock comes after it. */
@Injectable()
export class OrderStockCheck implements Check {
  readonly name = 'order-stock';
  readonly needs = ['postgres-orders', 'postgres-products', 'kafka'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly audit: OrdersAuditRepository,
    private readonly stock: StockAuditRepository,
  ) {}

  async page(after: string | null): Promise<Page> {
    return pageOf(await this.audit.orderIds(this.orders, after, PAGE));
  }

  async examine(orderIds: readonly string[], { settledFor }: Scope): Promise<Finding[]> {
    const orders = await this.audit.settling(this.orders, orderIds, settledFor);
    const checkoutIds = orders.map((order) => order.checkout_id);
    const byCheckout = new Map<string, ReservationRow[]>(checkoutIds.map((id) => [id, []]));
    for (const row of await this.stock.reservations(this.products, checkoutIds)) {
      byCheckout.get(row.checkout_id)?.push(row);
    }
    return orders.flatMap((order) => this.faultsOf(order, byCheckout.get(order.checkout_id) ?? []));
  }

  private faultsOf(order: SettlingOrder, reservations: readonly ReservationRow[]): Finding[] {
    const { id, status, checkout_id: checkoutId } = order;
    const found = { key: id, ids: [id, checkoutId] };
    const held = piecesByProduct(reservations.map((row) => ({ productId: row.product_id, quantity: row.quantity })));
    if (differ(piecesByProduct(order.items), held)) {
      const detail = `order ${id} and the reservations of its checkout ${checkoutId} are not about the same pieces`;
      return [{ invariant: 'order.pieces', ...found, detail, repair: 'for people: count what was sent' }];
    }
    const wrong = reservations.filter((row) => !STATES_OF.get(status)?.includes(row.status));
    if (wrong.length === 0 || !order.overdue) return [];
    const states = [...new Set(wrong.map((row) => row.status))].sort();
    const detail = `order ${id} is ${status}, but its stock is ${states.join(' and ')}`;
    const repairable = states.every((state) => REPAIRED_FROM.get(status)?.includes(state));
    if (!repairable) {
      const repair = 'for people: stock was given back that the order needs; hold it anew by hand, or cancel';
      return [{ invariant: 'order.stock', ...found, detail, repair }];
    }
    const repair = 'the repair settles the stock as the order says';
    const fix: Fix = { verb: 'settle-stock', orderId: id, checkoutId };
    return [{ invariant: 'order.stock', ...found, detail, repair, fix, queue: this.name }];
  }
}
