import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService } from '../audit/audit.service';
import { Clock } from '../common/clock';
import { decodeCursor, toCursorPage, type CursorPage } from '../common/pagination';
import { inTransaction } from '../database/sql';
import { DeliveriesRepository } from './deliveries.repository';
import { DeliveryWorker } from './delivery.worker';
import { EndpointsRepository } from './endpoints.repository';
import { FanOutRepository } from './fan-out.repository';
import { TEST_EVENT } from './public-event.view';
import type { AttemptRecord, DeliveryRecord, DeliveryStatus, EndpointRecord } from './webhooks.types';
import { deliveryNotFound, webhookDisabled, webhookNotFound } from './webhooks.errors';

const KEPT_DAYS = 30;
const SWEEP_BATCH = 1_000;
/** What one request sends again. */
const REPLAYED_AT_ONCE = 1_000;

export interface LoggedDelivery {
  delivery: DeliveryRecord;
  payload: Readonly<Record<string, unknown>>;
  attempts: AttemptRecord[];
}

/** What was sent to whom, and sending it again. */
@Injectable()
export class DeliveriesService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly endpoints: EndpointsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly fanOut: FanOutRepository,
    private readonly worker: DeliveryWorker,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Newest first. */
  async list(
    endpointId: string,
    status: DeliveryStatus | null,
    page: { cursor?: string; limit: number },
  ): Promise<CursorPage<DeliveryRecord>> {
    const after = decodeCursor(page.cursor);
    if (!(await this.endpoints.find(this.database, endpointId))) throw webhookNotFound();
    const rows = await this.deliveries.list(this.database, { endpointId, status }, after, page.limit + 1);
    return toCursorPage(rows, page.limit, ({ createdAt: at, id }) => ({ at, id }));
  }

  async get(endpointId: string, id: string): Promise<LoggedDelivery> {
    if (!(await this.endpoints.find(this.database, endpointId))) throw webhookNotFound();
    const delivery = await this.deliveries.find(this.database, endpointId, id);
    if (!delivery) throw deliveryNotFound();
    const [payload, attempts] = await Promise.all([
      this.deliveries.payloadOf(this.database, id),
      this.deliveries.attemptsOf(this.database, id),
    ]);
    return { delivery, payload, attempts };
  }

  /** An event of its own, whatever the endpoint listens to. */
  async sendTest(endpointId: string, actorId: string): Promise<DeliveryRecord> {
    const sent = await inTransaction(this.database, async (tx) => {
      await this.enabled(tx, endpointId);
      const id = uuidv7();
      const timestamp = this.clock.now().toISOString();
      const message = { type: TEST_EVENT, timestamp, data: { webhookId: endpointId } } as const;
      await this.fanOut.insertOne(tx, { id, endpointId, eventId: uuidv7(), message });
      await this.record(tx, actorId, 'webhook.tested', endpointId, { deliveryId: id });
      return this.stored(tx, endpointId, id);
    });
    this.worker.wake();
    return sent;
  }

  /** Sent again at once under the same id, however it ended; one that is under way just now goes on. */
  async replay(endpointId: string, id: string, actorId: string): Promise<DeliveryRecord> {
    const replayed = await inTransaction(this.database, async (tx) => {
      await this.enabled(tx, endpointId);
      await this.stored(tx, endpointId, id);
      await this.deliveries.replay(tx, endpointId, id);
      await this.record(tx, actorId, 'webhook.replayed', endpointId, { deliveryId: id });
      return this.stored(tx, endpointId, id);
    });
    this.worker.wake();
    return replayed;
  }

  /** The same for what failed since then, the oldest first; `more` remain when it were too many for once. */
  async replayFailed(endpointId: string, since: Date, actorId: string): Promise<{ replayed: number; more: boolean }> {
    const replayed = await inTransaction(this.database, async (tx) => {
      await this.enabled(tx, endpointId);
      const deliveries = await this.deliveries.replayFailed(tx, endpointId, since, REPLAYED_AT_ONCE);
      if (deliveries > 0) {
        const told = { failedSince: since.toISOString(), deliveries };
        await this.record(tx, actorId, 'webhook.replayed', endpointId, told);
      }
      return deliveries;
    });
    this.worker.wake();
    return { replayed, more: replayed === REPLAYED_AT_ONCE };
  }

  /** Deliveries are kept for 30 days, a former secret until its end, a deleted endpoint until it has none left. */
  async sweep(): Promise<void> {
    while ((await this.deliveries.sweep(this.database, KEPT_DAYS, SWEEP_BATCH)) >= SWEEP_BATCH);
    await this.endpoints.sweep(this.database);
    await this.worker.giveUpOverwhelmed();
  }

  private async enabled(tx: EntityManager, endpointId: string): Promise<EndpointRecord> {
    const endpoint = await this.endpoints.lock(tx, endpointId);
    if (!endpoint) throw webhookNotFound();
    if (endpoint.disabledAt !== null) throw webhookDisabled();
    return endpoint;
  }

  private async stored(tx: EntityManager, endpointId: string, id: string): Promise<DeliveryRecord> {
    const delivery = await this.deliveries.find(tx, endpointId, id);
    if (!delivery) throw deliveryNotFound();
    return delivery;
  }

  private async record(
    tx: EntityManager,
    actorId: string,
    action: string,
    endpointId: string,
    after: object,
  ): Promise<void> {
    const entry = { action, subjectType: 'webhook_endpoint', subjectId: endpointId, before: null, after } as const;
    await this.audit.record(tx, actorId, [entry]);
  }
}
