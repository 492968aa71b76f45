import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { BackgroundWork } from '../messaging/background-work';
import { EndpointSecretsService } from './endpoint-secrets.service';
import { EndpointsService } from './endpoints.service';
import { pauseAfter, PATIENCE_DAYS } from './retry.policy';
import { SendingRepository } from './sending.repository';
import { ANSWER_WITHIN_MS, WebhookSender } from './webhook.sender';
import type { LeasedDelivery, SentAnswer } from './webhooks.types';

const SIDE_BY_SIDE = 32;
/** Of those to one endpoint, by each server: a slow one has no more hands full. */
const PER_ENDPOINT = 4;
const POLL_MS = 1_000;
/** A try and writing it down take less. */
const LEASE_SECONDS = ANSWER_WITHIN_MS / 1000 + 15;
/** A server that closes has 10 s; the lease makes up for a try that has not ended by then. */
const SETTLED_WITHIN_MS = 7_000;

/**
 * Sends what is due, side by side and in no order. No transaction and no lock is open while a receiver is asked: a lease
 * keeps others away, and runs out with the worker. At least once: receivers tell a repetition by its `webhook-id`.
 */
@Injectable()
export class DeliveryWorker {
  readonly work: BackgroundWork;
  private readonly logger = new Logger(DeliveryWorker.name);
  private readonly running = new Set<Promise<void>>();
  private readonly busy = new Map<string, number>();

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly deliveries: SendingRepository,
    private readonly endpoints: EndpointsService,
    private readonly secrets: EndpointSecretsService,
    private readonly sender: WebhookSender,
    @InjectMetric('webhook_attempts_total') private readonly attempts: Counter<'outcome'>,
    @InjectMetric('webhook_deliveries_due') private readonly due: Gauge,
    @InjectMetric('webhook_oldest_due_seconds') private readonly oldestDue: Gauge,
  ) {
    this.work = new BackgroundWork({ name: 'webhooks', everyMs: POLL_MS, run: () => this.startDue() });
  }

  /** Something is to be sent. */
  wake(): void {
    this.work.wake();
  }

  /** Tries under way end before the pools close, or are left to their lease. */
  async settled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, SETTLED_WITHIN_MS)));
    await Promise.race([Promise.all(this.running), late]);
    clearTimeout(timer);
  }

  /** Measured by background workers on their clock; of a database that does not answer nothing is known. */
  async measure(): Promise<void> {
    try {
      const { due, oldestSeconds } = await this.deliveries.backlog(this.database);
      this.due.set(due);
      this.oldestDue.set(oldestSeconds);
    } catch (error) {
      this.due.reset();
      this.oldestDue.reset();
      throw error;
    }
  }

  /** A receiver that takes less than is sent to it would have ever more waiting, although each try succeeds. */
  async giveUpOverwhelmed(): Promise<void> {
    for (const id of await this.deliveries.overwhelmed(this.database, PATIENCE_DAYS)) {
      await this.endpoints.giveUp(id, 'overwhelmed');
    }
  }

  private async startDue(): Promise<void> {
    const free = SIDE_BY_SIDE - this.running.size;
    if (free <= 0) return;
    const leased = await this.deliveries.leaseDue(this.database, {
      seconds: LEASE_SECONDS,
      limit: free,
      perEndpoint: PER_ENDPOINT,
      busy: this.busy,
    });
    for (const delivery of leased) this.begin(delivery);
  }

  private begin(delivery: LeasedDelivery): void {
    const { id, endpointId } = delivery;
    this.count(endpointId, 1);
    const sending = this.tryOnce(delivery)
      .catch((error: unknown) => this.logger.warn(`delivery ${id} waits for its lease: ${String(error)}`))
      .finally(() => {
        this.running.delete(sending);
        this.count(endpointId, -1);
        this.wake();
      });
    this.running.add(sending);
  }

  private count(endpointId: string, change: number): void {
    const calls = (this.busy.get(endpointId) ?? 0) + change;
    if (calls > 0) this.busy.set(endpointId, calls);
    else this.busy.delete(endpointId);
  }

  private async tryOnce(delivery: LeasedDelivery): Promise<void> {
    const answer = await this.send(delivery);
    this.attempts.inc({ outcome: answer.outcome });
    if (answer.outcome === 'delivered') {
      return inTransaction(this.database, (tx) => this.deliveries.succeed(tx, delivery, answer));
    }
    const verdict = await inTransaction(this.database, async (tx) => {
      const url = await this.deliveries.lockEndpoint(tx, delivery.endpointId);
      // Where staff gave it another address meanwhile, the old one is gone and no more.
      const gone = answer.outcome === 'gone' && url === delivery.url;
      const pause = gone ? null : pauseAfter(delivery.tries);
      const { held, tooLong } = await this.deliveries.fail(tx, delivery, answer, pause, PATIENCE_DAYS);
      if (held && gone) return 'gone';
      return tooLong ? 'failing' : null;
    });
    if (verdict !== null) await this.endpoints.giveUp(delivery.endpointId, verdict);
  }

  /** A secret that does not open, after a change of the key, is a failed try as any other: nothing goes out unsigned. */
  private async send(delivery: LeasedDelivery): Promise<SentAnswer> {
    const { endpointId, eventId: messageId, url, payload: body } = delivery;
    let secrets: string[];
    try {
      secrets = delivery.secrets.map((kept) => this.secrets.open(kept, endpointId));
    } catch {
      this.logger.error(`webhook ${endpointId}: its secret does not open with DATA_ENCRYPTION_KEY`);
      const error = 'the secret that signs it cannot be read';
      return { outcome: 'not_signed', status: null, error, response: null, durationMs: 0 };
    }
    return this.sender.send({ url, messageId, body, secrets });
  }
}
