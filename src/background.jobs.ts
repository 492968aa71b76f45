import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ArchiveJob } from './archive/archive.job';
import { AuditChainService } from './audit/audit-chain.service';
import { AuthService } from './auth/auth.service';
import { GuestCartsService } from './cart/guest-carts.service';
import { CheckoutService } from './checkout/checkout.service';
import { PlaceOrderService } from './checkout/place-order.service';
import { sql } from './database/sql';
import { DeadLettersMetrics } from './dead-letters/dead-letters.metrics';
import { DeadLettersSender } from './dead-letters/dead-letters.sender';
import { DeadLettersService } from './dead-letters/dead-letters.service';
import { ImagesSweepJob } from './images/images-sweep.job';
import { BackgroundWork } from './messaging/background-work';
import { NotificationsSender } from './notifications/notifications.sender';
import { ChargeWorker } from './payments/charge.worker';
import { PaymentsService } from './payments/payments.service';
import { ReconciliationService } from './payments/reconciliation.service';
import { RefundService } from './payments/refund.service';
import { ErasureService } from './privacy/erasure.service';
import { ImportWorker } from './product-imports/import.worker';
import { ImportsService } from './product-imports/imports.service';
import { Settings } from './settings/settings';
import { DeliveriesService } from './webhooks/deliveries.service';
import { DeliveryWorker } from './webhooks/delivery.worker';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const OUTBOX_KEPT_DAYS = 8;
/** Longer than Kafka keeps events, so that an event read again is always known. */
const INBOX_KEPT_DAYS = 30;
const SWEEP_BATCH = 5_000;

/** Everything a background worker does by the clock. Each job may run on any number of servers at once. */
@Injectable()
export class BackgroundJobs implements BeforeApplicationShutdown {
  private readonly jobs: BackgroundWork[];

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    checkouts: CheckoutService,
    placing: PlaceOrderService,
    payments: PaymentsService,
    refunds: RefundService,
    reconciliation: ReconciliationService,
    audit: AuditChainService,
    auth: AuthService,
    guestCarts: GuestCartsService,
    archive: ArchiveJob,
    sender: NotificationsSender,
    redrives: DeadLettersSender,
    deadLetters: DeadLettersService,
    deadLetterMetrics: DeadLettersMetrics,
    images: ImagesSweepJob,
    importing: ImportWorker,
    imports: ImportsService,
    erasures: ErasureService,
    private readonly charges: ChargeWorker,
    private readonly webhooks: DeliveryWorker,
    deliveries: DeliveriesService,
    settings: Settings,
  ) {
    const databases = [users, products, orders];
    this.jobs = [
      charges.work,
      refunds.work,
      sender.work,
      redrives.work,
      importing.work,
      webhooks.work,
      audit.work,
      erasures.work,
      new BackgroundWork({ name: 'expire-holds', everyMs: SECOND, run: () => checkouts.expireDue() }),
      new BackgroundWork({ name: 'reap-claims', everyMs: 10 * SECOND, run: () => placing.reapUnplaced() }),
      new BackgroundWork({
        name: 'cancel-unpaid',
        everyMs: MINUTE,
        run: () => payments.cancelUnpaid(settings.unpaidOrderMinutes),
      }),
      new BackgroundWork({ name: 'reconcile', everyMs: MINUTE, run: () => reconciliation.run() }),
      new BackgroundWork({ name: 'archive', everyMs: 10 * MINUTE, run: () => archive.run() }),
      new BackgroundWork({ name: 'sweep-sessions', everyMs: 10 * MINUTE, run: () => auth.sweepSessions() }),
      new BackgroundWork({ name: 'sweep-guest-carts', everyMs: 10 * MINUTE, run: () => guestCarts.sweep() }),
      new BackgroundWork({
        name: 'count-dead-letters',
        everyMs: 5 * SECOND,
        run: () => deadLetterMetrics.measure(),
      }),
      new BackgroundWork({ name: 'count-webhooks', everyMs: 5 * SECOND, run: () => webhooks.measure() }),
      new BackgroundWork({ name: 'sweep-webhooks', everyMs: 10 * MINUTE, run: () => deliveries.sweep() }),
      new BackgroundWork({ name: 'sweep-dead-letters', everyMs: 10 * MINUTE, run: () => deadLetters.sweep() }),
      new BackgroundWork({ name: 'sweep-imports', everyMs: 10 * MINUTE, run: () => imports.sweep() }),
      new BackgroundWork({ name: 'sweep-images', everyMs: 60 * MINUTE, run: () => images.run() }),
      new BackgroundWork({
        name: 'sweep-messages',
        everyMs: 10 * MINUTE,
        run: () => Promise.all(databases.map((database) => sweep(database))),
      }),
    ];
  }

  start(): void {
    for (const job of this.jobs) job.start();
  }

  /** Before the pools close: jobs under way end, charges and webhooks included. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.jobs.map((job) => job.stop()));
    await Promise.all([this.charges.settled(), this.webhooks.settled()]);
  }
}

/** In batches: after a long pause one statement over everything would run into the statement's time limit. */
async function deleteInBatches(database: DataSource, text: string, values: readonly unknown[] = []): Promise<void> {
  for (;;) {
    const [result] = await sql<{ deleted: number }>(
      database,
      `WITH gone AS (${text}) SELECT count(*)::int AS deleted FROM gone`,
      values,
    );
    if ((result?.deleted ?? 0) < SWEEP_BATCH) return;
  }
}

/** What no one can ask for any more. An event that is not published stays, however old. */
export async function sweep(database: DataSource): Promise<void> {
  await deleteInBatches(
    database,
    `DELETE FROM outbox
     WHERE position IN (
       SELECT position FROM outbox WHERE published_at < shop_now() - make_interval(days => $1) LIMIT ${SWEEP_BATCH})
     RETURNING position`,
    [OUTBOX_KEPT_DAYS],
  );
  await deleteInBatches(
    database,
    `DELETE FROM inbox
     WHERE (listener_group, event_id) IN (
       SELECT listener_group, event_id FROM inbox
       WHERE received_at < shop_now() - make_interval(days => $1) LIMIT ${SWEEP_BATCH})
     RETURNING event_id`,
    [INBOX_KEPT_DAYS],
  );
  await deleteInBatches(
    database,
    `DELETE FROM idempotency_keys
     WHERE (scope, key) IN (
       SELECT scope, key FROM idempotency_keys WHERE created_at < shop_now() - interval '24 hours' LIMIT ${SWEEP_BATCH})
     RETURNING key`,
  );
}
