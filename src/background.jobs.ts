import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ArchiveJob } from './archive/archive.job';
import { AuthService } from './auth/auth.service';
import { CheckoutService } from './checkout/checkout.service';
import { PlaceOrderService } from './checkout/place-order.service';
import { sql } from './database/sql';
import { BackgroundWork } from './messaging/background-work';
import { NotificationsSender } from './notifications/notifications.sender';
import { ChargeWorker } from './payments/charge.worker';
import { PaymentsService } from './payments/payments.service';
import { RefundService } from './payments/refund.service';
import { Settings } from './settings/settings';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const OUTBOX_KEPT_DAYS = 8;
/** Longer than Kafka keeps events, so that an event read again is always known. */
const INBOX_KEPT_DAYS = 30;

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
    auth: AuthService,
    archive: ArchiveJob,
    sender: NotificationsSender,
    private readonly charges: ChargeWorker,
    settings: Settings,
  ) {
    const databases = [users, products, orders];
    this.jobs = [
      charges.work,
      refunds.work,
      sender.work,
      new BackgroundWork({ name: 'expire-holds', everyMs: SECOND, run: () => checkouts.expireDue() }),
      new BackgroundWork({ name: 'reap-claims', everyMs: 10 * SECOND, run: () => placing.reapUnplaced() }),
      new BackgroundWork({
        name: 'cancel-unpaid',
        everyMs: MINUTE,
        run: () => payments.cancelUnpaid(settings.unpaidOrderMinutes),
      }),
      new BackgroundWork({ name: 'archive', everyMs: 10 * MINUTE, run: () => archive.run() }),
      new BackgroundWork({ name: 'sweep-sessions', everyMs: 10 * MINUTE, run: () => auth.sweepSessions() }),
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

  /** Before the pools close: jobs under way end, charges included. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.jobs.map((job) => job.stop()));
    await this.charges.settled();
  }
}

async function sweep(database: DataSource): Promise<void> {
  await sql(database, `DELETE FROM outbox WHERE published_at < shop_now() - make_interval(days => $1)`, [
    OUTBOX_KEPT_DAYS,
  ]);
  await sql(database, `DELETE FROM inbox WHERE received_at < shop_now() - make_interval(days => $1)`, [
    INBOX_KEPT_DAYS,
  ]);
  await sql(database, `DELETE FROM idempotency_keys WHERE created_at < shop_now() - interval '24 hours'`);
}
