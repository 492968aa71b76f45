import { Injectable } from '@nestjs/common';
import { ReconciliationService, type ReconciliationCase } from '../../payments/reconciliation.service';
import type { Check, Finding, Page, Scope } from '../consistency.types';

const DAY_MS = 24 * 60 * 60 * 1000;

function keyOf({ kind, paymentId, chargeId }: ReconciliationCase): string {
  return `${kind} ${paymentId ?? '-'} ${chargeId ?? '-'}`;
}

/** Promise 7, the provider's books against ours: what the reconciliation could not heal is for people. */
@Injectable()
export class ReconciliationCheck implements Check {
  readonly name = 'reconciliation';
  readonly needs = ['postgres-orders', 'payment-provider'] as const;

  constructor(private readonly reconciliation: ReconciliationService) {}

  async page(_after: string | null, scope: Scope): Promise<Page> {
    const { cases, charges } = await this.reconciliation.compare(this.since(scope));
    return { keys: cases.map(keyOf), looked: charges, next: null };
  }

  async examine(keys: readonly string[], scope: Scope): Promise<Finding[]> {
    if (keys.length === 0) return [];
    const { cases } = await this.reconciliation.compare(this.since(scope));
    return cases
      .filter((found) => keys.includes(keyOf(found)))
      .map((found) => ({
        invariant: `provider.${found.kind}`,
        key: keyOf(found),
        ids: [found.orderId, found.paymentId, found.chargeId].filter((id) => id !== null),
        detail: `payment ${found.paymentId ?? 'unknown'}, charge ${found.chargeId ?? 'unknown'}: ${found.detail}`,
        repair: 'for people: settle it with the provider',
      }));
  }

  /** The provider's clock is not ours: no offset shifts it. */
  private since({ days }: Scope): Date {
    return new Date(Date.now() - days * DAY_MS);
  }
}
