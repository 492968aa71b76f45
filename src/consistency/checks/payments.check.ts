import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { toMinorUnits } from '../../common/money';
import { PAGE, pageOf, type Check, type Finding, type Page, type Scope } from '../consistency.types';
import { MoneyAuditRepository, type AuditedPayment, type FailedRefund } from '../money-audit.repository';

/** The event of each state that was told when the payment came to it. Others (`charging`, `unknown`) are not told. */
const EVENT_OF: ReadonlyMap<string, string> = new Map([
  ['succeeded', 'payment.succeeded'],
  ['failed', 'payment.failed'],
  ['voided', 'payment.failed'],
  ['partially_refunded', 'payment.refunded'],
  ['refunded', 'payment.refunded'],
]);

function eventsDue(row: AuditedPayment): string[] {
  const last = EVENT_OF.get(row.status);
  return [
    ...(row.created_lately ? ['payment.initiated'] : []),
    ...(row.created_lately && last === 'payment.refunded' ? ['payment.succeeded'] : []),
    ...(row.changed_lately && last ? [last] : []),
  ];
}

/** What the status says was given back: nothing, some or all. */
function statusFits(row: AuditedPayment): boolean {
  const [refunded, amount] = [toMinorUnits(row.refunded_amount), toMinorUnits(row.amount)];
  if (row.status === 'refunded') return refunded === amount;
  if (row.status === 'partially_refunded') return refunded > 0 && refunded < amount;
  return refunded === 0;
}

/** Promises 2, 3, 4 and 7 of payments and refunds, within the orders database and in one snapshot. */
@Injectable()
export class PaymentsCheck implements Check {
  readonly name = 'payments';
  readonly needs = ['postgres-orders'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: MoneyAuditRepository,
  ) {}

  async page(after: string | null): Promise<Page> {
    return pageOf(await this.audit.paymentIds(this.orders, after, PAGE));
  }

  async examine(paymentIds: readonly string[], scope: Scope): Promise<Finding[]> {
    const rows = await this.audit.payments(this.orders, paymentIds, scope);
    const failed = await this.audit.failedRefunds(this.orders, paymentIds);
    return [
      ...rows.flatMap((row) => [...this.placement(row), ...this.sums(row), ...this.kept(row), ...this.events(row)]),
      ...failed.map((refund) => this.failed(refund)),
    ];
  }

  private placement(row: AuditedPayment): Finding[] {
    if (row.placement_status === 'live' || row.placement_status === 'ended') return [];
    return [
      this.finding('payment.placement', row, 'belongs to no placed order', 'for people: refund what was charged'),
    ];
  }

  private sums(row: AuditedPayment): Finding[] {
    const findings: Finding[] = [];
    if (toMinorUnits(row.promised) > toMinorUnits(row.amount)) {
      const detail = `of ${row.amount} has refunds of ${row.promised}`;
      findings.push(this.finding('payment.refunds', row, detail, 'for people: stop what is not sent yet'));
    }
    if (toMinorUnits(row.returned) !== toMinorUnits(row.refunded_amount) || !statusFits(row)) {
      const detail = `is ${row.status} with ${row.refunded_amount} refunded, its refunds add up to ${row.returned}`;
      findings.push(this.finding('payment.refunded', row, detail, "for people: compare with the provider's charge"));
    }
    return findings;
  }

  /** The order was cancelled and its money is here, with nothing on its way back. Failed refunds are told of below. */
  private kept(row: AuditedPayment): Finding[] {
    const paid = row.status === 'succeeded' || row.status === 'partially_refunded';
    const left = toMinorUnits(row.amount) - toMinorUnits(row.promised);
    if (!paid || row.placement_status !== 'ended' || row.not_wanted || left <= 0 || !row.overdue) return [];
    const detail = `of cancelled order ${row.order_id} keeps ${row.amount} of which ${row.promised} are promised back`;
    if (row.asked) {
      return [
        this.finding('payment.kept', row, detail, 'for people: a refund was asked for and did not give it all back'),
      ];
    }
    const finding = this.finding('payment.kept', row, detail, 'the repair asks for the refund of what is left');
    return [{ ...finding, fix: { verb: 'refund-ended', orderId: row.order_id }, queue: 'refunds' }];
  }

  private events(row: AuditedPayment): Finding[] {
    const told = new Set(row.events);
    const missing = eventsDue(row).filter((type) => !told.has(type));
    if (missing.length === 0) return [];
    const repair = 'for people: the change was made past the outbox; whoever needs to know of it must be told by hand';
    return [this.finding('payment.event', row, `is ${row.status} without its event ${missing.join(', ')}`, repair)];
  }

  private failed(refund: FailedRefund): Finding {
    return {
      invariant: 'refund.failed',
      key: refund.payment_id,
      ids: [refund.id, refund.payment_id, refund.order_id],
      detail: `refund ${refund.id} of ${refund.amount} failed: ${refund.last_error ?? 'no reason given'}`,
      repair: 'for people: give the money back by hand, or ask for another refund of that amount',
    };
  }

  private finding(invariant: string, row: AuditedPayment, detail: string, repair: string): Finding {
    return { invariant, key: row.id, ids: [row.id, row.order_id], detail: `payment ${row.id} ${detail}`, repair };
  }
}
