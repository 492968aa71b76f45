import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { toAmount } from '../../common/money';
import type { Check, Finding, Page, Scope } from '../consistency.types';
import { MoneyAuditRepository } from '../money-audit.repository';
import { LISTED, ProviderBooksClient, type BookedCharge } from '../provider-books.client';

const DAY_MS = 24 * 60 * 60 * 1000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Charged, and not given back in full. */
function kept(charge: BookedCharge): boolean {
  return charge.succeeded && charge.refunded < charge.amount;
}

/** Promise 3 in the provider's own books: one charge kept for an order, and no more given back than was taken. */
@Injectable()
export class ChargesCheck implements Check {
  readonly name = 'charges';
  readonly needs = ['postgres-orders', 'payment-provider'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: MoneyAuditRepository,
    private readonly books: ProviderBooksClient,
  ) {}

  /** Only what our payments do not account for is asked about: a second charge is one that they do not know. */
  async page(after: string | null, { days }: Scope): Promise<Page> {
    // The provider's clock is not ours: no offset shifts it.
    const since = after ?? new Date(Date.now() - days * DAY_MS).toISOString();
    const charges = await this.books.since(since);
    const known = await this.audit.chargeIds(
      this.orders,
      charges.map((charge) => charge.orderId).filter((id) => UUID.test(id)),
    );
    const strange = charges.filter(
      (charge) => charge.refunded > charge.amount || (kept(charge) && known.get(charge.orderId) !== charge.id),
    );
    const last = charges.length < LISTED ? undefined : charges.at(-1);
    return {
      keys: [...new Set(strange.map((charge) => charge.orderId))],
      looked: charges.length,
      next: last === undefined || last.createdAt === since ? null : last.createdAt,
    };
  }

  async examine(orderIds: readonly string[]): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const orderId of new Set(orderIds)) {
      findings.push(...this.faultsOf(orderId, await this.books.ofOrder(orderId)));
    }
    return findings;
  }

  private faultsOf(orderId: string, charges: readonly BookedCharge[]): Finding[] {
    const found = (invariant: string, ids: string[], detail: string, repair: string): Finding => ({
      invariant,
      key: orderId,
      ids: [orderId, ...ids],
      detail: `order ${orderId}: ${detail}`,
      repair,
    });
    const keptOnes = charges.filter(kept).map((charge) => charge.id);
    return [
      ...(keptOnes.length > 1
        ? [
            found(
              'charge.twice',
              keptOnes,
              `the provider keeps ${keptOnes.length} charges`,
              'for people: refund all but one in the books of the provider',
            ),
          ]
        : []),
      ...charges
        .filter((charge) => charge.refunded > charge.amount)
        .map((charge) =>
          found(
            'charge.refunds',
            [charge.id],
            `the provider gave back ${toAmount(charge.refunded)} of ${toAmount(charge.amount)}`,
            'for people: settle it with the provider',
          ),
        ),
    ];
  }
}
