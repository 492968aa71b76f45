import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { PAGE, pageOf, type Check, type Finding, type Page, type Scope } from '../consistency.types';
import { OrdersAuditRepository, type AuditedOrder } from '../orders-audit.repository';

const PAID = new Set(['succeeded', 'partially_refunded', 'refunded']);
const DECIDED = new Set([...PAID, 'failed', 'voided']);
const CONFIRMED = new Set(['confirmed', 'processing', 'shipped', 'delivered']);

/** The event of each state, which was told when the order came to it. */
const EVENT_OF: ReadonlyMap<string, string> = new Map([
  ['pending', 'order.created'],
  ['confirmed', 'order.confirmed'],
  ['processing', 'order.processing'],
  ['shipped', 'order.shipped'],
  ['delivered', 'order.delivered'],
  ['cancelled', 'order.cancelled'],
]);

/** Events whose time lies within the window: of the last change, and, of an order that is younger, of all before. */
function eventsDue(row: AuditedOrder): string[] {
  const due = new Set<string>();
  if (row.changed_lately) due.add(EVENT_OF.get(row.status) ?? '');
  if (row.created_lately) {
    due.add('order.created');
    if (CONFIRMED.has(row.status)) due.add('order.confirmed');
    if (row.status === 'delivered') due.add('order.shipped');
  }
  return [...due];
}

/**
 * Promises 2, 4 and 7 within the orders database: an order, its placement, its payment and its events belong together.
 * One transaction writes each, and one snapshot reads them: they hold at any age.
 */
@Injectable()
export class OrdersCheck implements Check {
  readonly name = 'orders';
  readonly needs = ['postgres-orders'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: OrdersAuditRepository,
  ) {}

  async page(after: string | null): Promise<Page> {
    return pageOf(await this.audit.orderIds(this.orders, after, PAGE));
  }

  async examine(orderIds: readonly string[], { days }: Scope): Promise<Finding[]> {
    const rows = await this.audit.orders(this.orders, orderIds, days);
    return rows.flatMap((row) => [...this.placement(row), ...this.payment(row), ...this.events(row)]);
  }

  private placement(row: AuditedOrder): Finding[] {
    const due = row.status === 'cancelled' ? 'ended' : 'live';
    if (row.placement_status === due) return [];
    const found =
      row.placement_status === null ? 'has no placement' : `has a placement that is ${row.placement_status}`;
    return [this.finding('order.placement', row, `is ${row.status} and ${found}`, 'for people')];
  }

  private payment(row: AuditedOrder): Finding[] {
    const { status, payment_status: payment } = row;
    if (payment === null) {
      return [this.finding('order.payment', row, `has no payment ${row.payment_id}`, 'for people: ask the provider')];
    }
    if (status === 'pending' && DECIDED.has(payment)) {
      const repair = 'the repair confirms or cancels the order as its payment says';
      const finding = this.finding('order.undecided', row, `is pending though its payment is ${payment}`, repair);
      return [{ ...finding, fix: { verb: 'decide-order', orderId: row.id } }];
    }
    if (!CONFIRMED.has(status)) return [];
    if (!PAID.has(payment)) {
      const repair = 'for people: ask the provider, then charge again or cancel';
      return [this.finding('order.unpaid', row, `is ${status} though its payment is ${payment}`, repair)];
    }
    if (row.as_agreed === true) return [];
    const repair = 'for people: refund what is too much, or cancel';
    return [this.finding('order.amount', row, `is ${status} with a payment of another amount than its total`, repair)];
  }

  private events(row: AuditedOrder): Finding[] {
    const told = new Set(row.events);
    const missing = eventsDue(row).filter((type) => !told.has(type));
    if (missing.length === 0) return [];
    const repair = 'for people: the change was made past the outbox; whoever needs to know of it must be told by hand';
    return [this.finding('order.event', row, `is ${row.status} without its event ${missing.join(', ')}`, repair)];
  }

  private finding(invariant: string, row: AuditedOrder, detail: string, repair: string): Finding {
    return { invariant, key: row.id, ids: [row.id, row.payment_id], detail: `order ${row.id} ${detail}`, repair };
  }
}
