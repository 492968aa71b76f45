import { Injectable } from '@nestjs/common';
import type { Check } from '../consistency.types';
import { ArchiveCheck } from './archive.check';
import { ChargesCheck } from './charges.check';
import { CheckoutsCheck, ClaimsCheck, HoldsCheck } from './checkouts.check';
import { DeadLettersCheck, DeliveryChecks } from './deliveries.check';
import { DueWorkChecks } from './due-work.check';
import { EffectChecks } from './effects.check';
import { NotificationsCheck } from './notifications.check';
import { OrderStockCheck } from './order-stock.check';
import { OrdersCheck } from './orders.check';
import { OutboxChecks } from './outbox.check';
import { PaymentsCheck } from './payments.check';
import { AnswersCheck, PlacementsCheck, TwinsCheck } from './placements.check';
import { ReconciliationCheck } from './reconciliation.check';
import { StockCheck } from './stock.check';

/** Every check there is, in the order of the promises. */
@Injectable()
export class AllChecks {
  readonly all: readonly Check[];

  constructor(
    stock: StockCheck,
    checkouts: CheckoutsCheck,
    placements: PlacementsCheck,
    answers: AnswersCheck,
    twins: TwinsCheck,
    orders: OrdersCheck,
    payments: PaymentsCheck,
    charges: ChargesCheck,
    reconciliation: ReconciliationCheck,
    effects: EffectChecks,
    orderStock: OrderStockCheck,
    holds: HoldsCheck,
    claims: ClaimsCheck,
    dueWork: DueWorkChecks,
    outboxes: OutboxChecks,
    deliveries: DeliveryChecks,
    notifications: NotificationsCheck,
    deadLetters: DeadLettersCheck,
    archive: ArchiveCheck,
  ) {
    this.all = [
      ...[stock, checkouts, placements, answers, twins, orders, payments, charges, ...effects.all],
      reconciliation,
      ...[orderStock, holds, claims, ...dueWork.all],
      ...[...outboxes.all, ...deliveries.all, notifications, deadLetters],
      archive,
    ];
  }
}
