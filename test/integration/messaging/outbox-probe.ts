import { randomBytes, randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import type { DataSource } from 'typeorm';
import { ScratchDatabase } from '../../support/scratch-database';
import { readStack } from '../../support/stack';

interface Published {
  subject: string;
  number: number;
}

/** An outbox and a topic of a test's own, with whatever relays the test lets loose on them. */
export class OutboxProbe {
  readonly topic = `relay-test-${randomBytes(6).toString('hex')}`;
  readonly published: Published[] = [];
  written = 0;

  private constructor(
    private readonly scratch: ScratchDatabase,
    readonly database: DataSource,
    private readonly consumer: Consumer,
    private readonly kafka: Kafka,
  ) {}

  static async open(): Promise<OutboxProbe> {
    const scratch = await ScratchDatabase.create('users');
    const database = await scratch.open();
    await database.runMigrations();
    const kafka = new Kafka({ clientId: 'relay-test', brokers: readStack().kafka, logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: `relay-test-${randomUUID()}`, maxWaitTimeInMs: 100 });
    const probe = new OutboxProbe(scratch, database, consumer, kafka);
    await probe.listen();
    return probe;
  }

  get url(): string {
    return this.scratch.url;
  }

  /** Adds events, numbered through, that belong to a few aggregates in turn. */
  async write(events: number, topic = this.topic): Promise<void> {
    for (let i = 0; i < events; i += 1) {
      this.written += 1;
      const subject = `00000000-0000-4000-8000-00000000000${this.written % 4}`;
      await this.database.query(
        `INSERT INTO outbox (event_id, topic, key, type, subject, traceparent, schema_version, data)
         VALUES ($1, $2, $3::text, 'test.probe', $3::uuid, '', 1, json_build_object('number', $4::int))`,
        [randomUUID(), topic, subject, this.written],
      );
    }
    await this.database.query(`SELECT pg_notify('outbox', '')`);
  }

  async unpublished(): Promise<number> {
    const rows: { events: number }[] = await this.database.query(
      'SELECT count(*)::int AS events FROM outbox WHERE published_at IS NULL',
    );
    return rows[0]?.events ?? 0;
  }

  /** The application names of the sessions that hold the relay's lock of this outbox. */
  async holders(): Promise<string[]> {
    const rows: { name: string }[] = await this.database.query(
      `SELECT application_name AS name
       FROM pg_locks
       JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND granted AND objid = 'outbox'::regclass::oid`,
    );
    return rows.map(({ name }) => name);
  }

  /** Numbers by aggregate in the order Kafka has them, each where it first came. */
  firstSeen(): number[][] {
    const bySubject = new Map<string, number[]>();
    for (const { subject, number } of this.published) {
      const numbers = bySubject.get(subject) ?? [];
      bySubject.set(subject, numbers);
      if (!numbers.includes(number)) numbers.push(number);
    }
    return [...bySubject.values()];
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [this.topic] });
    await admin.disconnect();
    await this.scratch.drop();
  }

  private async listen(): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: this.topic, numPartitions: 3 }] });
    await admin.disconnect();
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [this.topic], fromBeginning: true });
    await this.consumer.run({
      eachMessage: ({ message }) => {
        const { subject, data }: { subject: string; data: { number: number } } = JSON.parse(String(message.value));
        this.published.push({ subject, number: data.number });
        return Promise.resolve();
      },
    });
  }
}
