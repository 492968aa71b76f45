import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { PAGE, pageOf, type Check, type Finding, type Page, type Scope } from '../consistency.types';
import { OrdersAuditRepository } from '../orders-audit.repository';
import { StockAuditRepository } from '../stock-audit.repository';

/** What a checkout's reservations may be, all of them alike. After `claimed` its order decides. */
const FITTING: ReadonlyMap<string, readonly string[]> = new Map([
  ['held', ['held']],
  ['claimed', ['claimed', 'committed', 'restocked', 'released']],
  ['expired', ['expired']],
  ['released', ['released']],
]);

/** A claim has a minute to be placed; the reaper comes by every ten seconds. */
const CLAIM_SECONDS = 70;

/** Promise 1: a checkout and its reservations are in states that belong together. Read in one snapshot. */
@Injectable()
export class CheckoutsCheck implements Check {
  readonly name = 'checkouts';
  readonly needs = ['postgres-products'] as const;

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly audit: StockAuditRepository,
  ) {}

  async page(after: string | null): Promise<Page> {
    return pageOf(await this.audit.checkoutIds(this.products, after, PAGE));
  }

  async examine(checkoutIds: readonly string[]): Promise<Finding[]> {
    const rows = await this.audit.checkoutStates(this.products, checkoutIds);
    return rows.flatMap((row): Finding[] => {
      const states = row.reservations ?? [];
      const [only = ''] = states;
      if (states.length === 1 && FITTING.get(row.status)?.includes(only)) return [];
      const found = states.length === 0 ? 'no reservations' : `reservations ${states.join(' and ')}`;
      return [
        {
          invariant: 'checkout.reservations',
          key: row.id,
          ids: [row.id, row.order_id],
          detail: `checkout ${row.id} is ${row.status}, with ${found}`,
          repair: 'for people: nobody can tell which of the two is right',
        },
      ];
    });
  }
}

/** Holds that should have run out. */
@Injectable()
export class HoldsCheck implements Check {
  readonly name = 'overdue-holds';
  readonly needs = ['postgres-products'] as const;

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly audit: StockAuditRepository,
  ) {}

  async page(_after: string | null, { settledFor }: Scope): Promise<Page> {
    return { keys: await this.audit.overdueHolds(this.products, settledFor, null, PAGE), next: null };
  }

  async examine(checkoutIds: readonly string[], { settledFor }: Scope): Promise<Finding[]> {
    const overdue = await this.audit.overdueHolds(this.products, settledFor, checkoutIds, PAGE);
    return overdue.map((id) => ({
      invariant: 'checkout.overdue',
      key: id,
      ids: [id],
      detail: `checkout ${id} is still held after its time`,
      repair: 'the repair gives back all holds that ran out',
      fix: { verb: 'expire-holds' },
      queue: this.name,
    }));
  }
}

/** Claims that no order came of, and that nobody gave back. */
@Injectable()
export class ClaimsCheck implements Check {
  readonly name = 'claims';
  readonly needs = ['postgres-products', 'postgres-orders'] as const;

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly audit: StockAuditRepository,
    private readonly orders: OrdersAuditRepository,
  ) {}

  async page(after: string | null, { settledFor }: Scope): Promise<Page> {
    return pageOf(await this.audit.claimedFor(this.products, settledFor + CLAIM_SECONDS, after, PAGE));
  }

  async examine(checkoutIds: readonly string[]): Promise<Finding[]> {
    const placed = await this.orders.placed(this.database, checkoutIds);
    const claimed = await this.audit.stillClaimed(this.products, checkoutIds);
    return claimed
      .filter((id) => !placed.has(id))
      .map((id) => ({
        invariant: 'checkout.unplaced',
        key: id,
        ids: [id],
        detail: `checkout ${id} was claimed for an order that was never placed`,
        repair: 'the repair buries the checkout and gives its stock back',
        fix: { verb: 'reap-claims' },
        queue: this.name,
      }));
  }
}
