import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { isUUID } from 'class-validator';
import type { DataSource } from 'typeorm';
import { AuditService } from '../audit/audit.service';
import { CheckoutService } from '../checkout/checkout.service';
import { PlaceOrderService } from '../checkout/place-order.service';
import { inTransaction } from '../database/sql';
import { InventoryService } from '../inventory/inventory.service';
import { ReservationService } from '../inventory/reservation.service';
import { RepublishService } from '../messaging/outbox/republish.service';
import { OrderArchivingService } from '../orders/order-archiving.service';
import { OrderReadingService } from '../orders/order-reading.service';
import { PaymentRepairService } from '../payments/payment-repair.service';
import { RefundService } from '../payments/refund.service';
import { ConsistencyService } from './consistency.service';
import type { Breach, Fix, Report, Scope } from './consistency.types';

/** A breach of many things at once names none of them. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export interface Repaired {
  invariant: string;
  ids: string[];
  done: string;
}

/**
 * Mends what the check found, by verbs of the rooms that own the data. Each looks again under its own lock and changes
 * nothing that is as it should be: two repairs at once, or one after the other, repair once.
 */
@Injectable()
export class RepairService {
  private readonly logger = new Logger(RepairService.name);

  constructor(
    private readonly consistency: ConsistencyService,
    private readonly inventory: InventoryService,
    private readonly reservations: ReservationService,
    private readonly checkouts: CheckoutService,
    private readonly placing: PlaceOrderService,
    private readonly orders: OrderReadingService,
    private readonly archiving: OrderArchivingService,
    private readonly payments: PaymentRepairService,
    private readonly refunds: RefundService,
    private readonly republishing: RepublishService,
    private readonly audit: AuditService,
    @InjectDataSource('products') private readonly products: DataSource,
  ) {}

  /** Looks, mends, looks again. `actorId` is null for who sits at the shop's machine. */
  async repair(
    scope: Scope,
    actorId: string | null,
    withinMs: number = Infinity,
  ): Promise<{ repaired: Repaired[]; left: Report }> {
    const { breaches } = await this.consistency.checkAnew(scope, withinMs);
    const repaired: Repaired[] = [];
    const tried = new Set<string>();
    for (const breach of breaches) {
      // Two breaches may have one cause: both counters of a product, say.
      const once = JSON.stringify(breach.fix);
      if (breach.fix === null || tried.has(once)) continue;
      tried.add(once);
      const done = await this.mend(actorId, breach, breach.fix);
      if (done !== null) repaired.push({ invariant: breach.invariant, ids: breach.ids, done });
    }
    return { repaired, left: await this.consistency.checkAnew(scope, withinMs) };
  }

  /** What was done; null when nothing had to be, or could not: then the second look tells. */
  private async mend(actorId: string | null, breach: Breach, fix: Fix): Promise<string | null> {
    let done: string | null;
    try {
      await this.tellTrail(actorId, 'consistency.repair_begun', breach, { invariant: breach.invariant, ...fix });
      done = await this.carryOut(fix);
    } catch (error) {
      this.logger.error(`${breach.invariant} is not repaired (${breach.detail}): ${String(error)}`);
      return null;
    }
    if (done === null) return null;
    this.logger.warn(`repaired ${breach.invariant} (${breach.detail}): ${done}`);
    await this.tellTrail(actorId, 'consistency.repaired', breach, { invariant: breach.invariant, done }).catch(
      // It is done all the same, and that it was begun is in the trail.
      (error: unknown) => this.logger.error(`the repair of ${breach.invariant} is not in the trail: ${String(error)}`),
    );
    return done;
  }

  /**
   * A repair goes over several databases and rooms, so that no transaction holds both it and its entry: that it begins is
   * in the trail before anything is changed, and what was done after.
   */
  private async tellTrail(
    actorId: string | null,
    action: string,
    { ids, detail }: Breach,
    after: object,
  ): Promise<void> {
    const about = ids.find((id) => isUUID(id));
    const subjectId = about ?? NOBODY;
    await inTransaction(this.products, (tx) =>
      this.audit.record(tx, actorId, [
        { action, subjectType: 'consistency', subjectId, before: { ids, detail }, after },
      ]),
    );
  }

  private async carryOut(fix: Fix): Promise<string | null> {
    switch (fix.verb) {
      case 'correct-stock':
        return this.correctStock(fix.productId);
      case 'settle-stock':
        return this.settleStock(fix.orderId, fix.checkoutId);
      case 'decide-order': {
        const status = await this.payments.decideOrder(fix.orderId);
        return status === null ? null : `the order is ${status} now, as its payment says`;
      }
      case 'refund-ended':
        return this.refundEnded(fix.orderId);
      case 'publish-again':
        return (await this.republishing.again(fix.database, [fix.eventId])) > 0 ? 'the event is published again' : null;
      case 'expire-holds': {
        const expired = await this.checkouts.expireDue();
        return expired > 0 ? `${expired} holds that ran out were given back` : null;
      }
      case 'reap-claims': {
        const reaped = await this.placing.reapUnplaced();
        return reaped > 0 ? `${reaped} claims without an order were given back` : null;
      }
      case 'archive-again':
        await this.archiving.forgetCopy(fix.orderId);
        return 'the archive job copies the order again';
    }
  }

  private async correctStock(productId: string): Promise<string | null> {
    const corrected = await this.inventory.correctCounters(productId);
    if (!corrected) return null;
    const { quantity, reservedQuantity } = corrected.after;
    return `${quantity} are on hand now, ${reservedQuantity} of them reserved`;
  }

  private async refundEnded(orderId: string): Promise<string | null> {
    const { status } = await this.orders.get(orderId, null);
    if (status !== 'cancelled' || !(await this.payments.refundEnded(orderId))) return null;
    this.refunds.work.wake();
    return 'a refund of what was left was asked for';
  }

  /** The order is asked now, not when the breach was found: it may have been cancelled since. */
  private async settleStock(orderId: string, checkoutId: string): Promise<string | null> {
    const { status } = await this.orders.get(orderId, null);
    if (status === 'pending') return null;
    const settled = await this.reservations.follow({ orderId, checkoutId, cancelled: status === 'cancelled' });
    return settled ? `the stock follows its order, which is ${status}` : null;
  }
}
