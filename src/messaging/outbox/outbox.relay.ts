import type { Logger } from '@nestjs/common';
import type { Producer, TopicMessages } from 'kafkajs';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { Connection } from '../../database/connections';
import { OUTBOX_CHANNEL } from './outbox.service';
import { OutboxRepository, type OutboxRecord } from './outbox.repository';

const BATCH = 200;
const POLL_MS = 1_000;
/** Any number will do, so long as nothing else in these databases takes the same one. */
const RELAY_LOCK = 7_041_001;

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
 * Publishes one database's outbox to Kafka in order. Of all relays of that database only the holder of a session
 * advisory lock works; the others wait for it. Woken by NOTIFY, and by a slow poll for what no notice told.
 * At least once: a crash between Kafka's acknowledgement and the mark publishes again, and inboxes drop the second.
 */
export class OutboxRelay {
  private readonly repository: OutboxRepository;
  private client: Client | null = null;
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;
  private woken = false;

  constructor(
    readonly connection: Connection,
    source: DataSource,
    private readonly databaseUrl: string,
    private readonly producer: Producer,
    private readonly eventSource: string,
    private readonly logger: Logger,
  ) {
    this.repository = new OutboxRepository(source);
  }

  start(): void {
    this.running = true;
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.notice();
    await this.loop;
    await this.closeClient();
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        if (await this.holdsLock()) {
          const published = await this.publishBatch();
          if (published === BATCH) continue;
        }
      } catch (error) {
        this.logger.warn(`${this.connection} relay: ${error instanceof Error ? error.message : String(error)}`);
        await this.closeClient();
      }
      await this.sleep();
    }
  }

  /** The lock lives as long as its connection: a killed relay's lock is free at once, and another takes over. */
  private async holdsLock(): Promise<boolean> {
    if (this.client) return true;
    const client = new Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      // Who holds the lock is asked for in pg_stat_activity: by database and process.
      application_name: `relay-${this.connection} ${process.pid}`,
    });
    const lost = (): void => {
      if (this.client === client) this.client = null;
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', () => this.notice());
    try {
      await client.connect();
      const result = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [RELAY_LOCK]);
      if (result.rows[0]?.held === true) {
        await client.query(`LISTEN ${OUTBOX_CHANNEL}`);
        this.client = client;
        return true;
      }
      await client.end();
      return false;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  private async publishBatch(): Promise<number> {
    const records = await this.repository.unpublished(BATCH);
    if (records.length === 0) return 0;
    const events = records.map((record) => ({ record, value: JSON.stringify(this.toCloudEvent(record)) }));
    for (const batch of bySize(events)) {
      await this.producer.sendBatch({ topicMessages: toMessages(batch), acks: -1 });
      await this.repository.markPublished(batch.map(({ record }) => record.position));
    }
    return records.length;
  }

  private toCloudEvent(record: OutboxRecord): object {
    return {
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
      data: record.data,
    };
  }

  private notice(): void {
    this.woken = true;
    this.wake();
  }

  private async sleep(): Promise<void> {
    if (!this.woken && this.running) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.woken = false;
  }

  private async closeClient(): Promise<void> {
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }
}
