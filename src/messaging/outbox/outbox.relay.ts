import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import type { TopicMessages } from 'kafkajs';
import type { Connection } from '../../database/connections';
import type { FreshProducer } from '../kafka/fresh.producer';
import { Outage } from '../outage';
import { OutboxRepository, type OutboxRecord } from './outbox.repository';
import { RelaySession } from './relay.session';

const BATCH = 500;
const POLL_MS = 500;
/** What commits within this time of a publication goes along with the next. */
const LINGER_MS = 15;
/** The same after more than a few events, so that a burst of orders is a few large sends, not many small ones. */
const BUSY_LINGER_MS = 60;
const FEW = 2;

/** A broker refuses a batch above its `message.max.bytes` (1 MB); half of that leaves room for keys and headers. */
const BATCH_BYTES = 512 * 1024;

interface Outgoing {
  record: OutboxRecord;
  value: string;
}

/** Splits in order, so that no part is larger than a broker takes. */
export function bySize(events: readonly Outgoing[]): Outgoing[][] {
  const batches: Outgoing[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const size = Buffer.byteLength(event.value);
    if (bytes + size > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(event);
    bytes += size;
  }
  return batches;
}

function toMessages(batch: readonly Outgoing[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>();
  for (const { record, value } of batch) {
    const entry = byTopic.get(record.topic) ?? { topic: record.topic, messages: [] };
    byTopic.set(record.topic, entry);
    const headers = { traceparent: record.traceparent, 'content-type': 'application/cloudevents+json' };
    entry.messages.push({ key: record.key, value, headers });
  }
  return [...byTopic.values()];
}

/**
 * Publishes one database's outbox to Kafka in order. Of all relays of that database only the one whose session holds
 * the lock works; the others ask for it at each poll. Woken by NOTIFY, and by a slow poll for what no notice told.
 * At least once: a crash between Kafka's acknowledgement and the mark publishes again, and inboxes drop the second.
 * What waits is in the table: memory holds one batch, however long Kafka is down.
 */
export class OutboxRelay {
  private readonly repository = new OutboxRepository();
  private readonly session: RelaySession;
  private readonly outage: Outage;
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;
  private woken = false;

  constructor(
    readonly connection: Connection,
    databaseUrl: string,
    private readonly producer: FreshProducer,
    private readonly eventSource: string,
    logger: Pick<Logger, 'log' | 'warn'>,
    private readonly onPublished: (events: number) => void = () => undefined,
  ) {
    // Who holds the lock is asked for in pg_stat_activity: by database and process.
    this.session = new RelaySession(databaseUrl, `relay-${connection} ${process.pid}`, () => this.notice());
    this.outage = new Outage(logger, `${connection} relay`);
  }

  start(): void {
    this.running = true;
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.notice();
    await this.loop;
    await this.session.close();
    await this.producer.close();
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        const published = await this.publishBatch();
        if (published === BATCH) continue;
        // What commits while there is something to publish wakes nobody.
        if (!published) await this.sleep(POLL_MS);
        if (published !== null && this.running) await setTimeout(published > FEW ? BUSY_LINGER_MS : LINGER_MS);
      } catch (error) {
        // Another relay may reach what this one does not.
        await this.session.close();
        this.woken = false;
        await this.sleep(this.outage.failed(error));
      }
    }
  }

  /** How many events it published; null while another relay works. */
  private async publishBatch(): Promise<number | null> {
    const holder = await this.session.holder();
    if (!holder) return null;
    // What was told until now is read now.
    this.woken = false;
    const records = await this.repository.unpublished(holder, BATCH);
    const events = records.map((record) => ({ record, value: this.toCloudEvent(record) }));
    for (const batch of bySize(events)) {
      await this.session.keepDuring(holder, this.producer.send(toMessages(batch)));
      await this.repository.markPublished(
        holder,
        batch.map(({ record }) => record.position),
      );
      this.onPublished(batch.length);
    }
    this.outage.over();
    return records.length;
  }

  /** The payload is text already, and stays what it was. */
  private toCloudEvent(record: OutboxRecord): string {
    const envelope = JSON.stringify({
      specversion: '1.0',
      id: record.event_id,
      type: record.type,
      source: `${this.eventSource}/${this.connection}`,
      subject: record.subject,
      time: record.occurred_at.toISOString(),
      datacontenttype: 'application/json',
      dataschema: `${this.eventSource}/schemas/${record.type}/v${record.schema_version}`,
      sequence: record.position.padStart(20, '0'),
      ...(record.order_id ? { orderid: record.order_id } : {}),
      ...(record.causation_id ? { causationid: record.causation_id } : {}),
    });
    return `${envelope.slice(0, -1)},"data":${record.data}}`;
  }

  private notice(): void {
    this.woken = true;
    this.wake();
  }

  private async sleep(ms: number): Promise<void> {
    if (!this.woken && this.running) {
      await new Promise<void>((resolve) => {
        const timer = globalThis.setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.woken = false;
  }
}
