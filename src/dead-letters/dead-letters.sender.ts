import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { isInfrastructureError } from '../database/infrastructure-error';
import { BackgroundWork } from '../messaging/background-work';
import { REDRIVE_GROUP_HEADER } from '../messaging/kafka/dead-letter.headers';
import { FreshProducer } from '../messaging/kafka/fresh.producer';
import { Outage } from '../messaging/outage';
import { Settings } from '../settings/settings';
import type { LeasedDeadLetter } from './dead-letter.record';
import { toKafkaHeaders } from './dead-letter.reader';
import { RedrivesRepository } from './redrives.repository';

const POLL_MS = 1_000;
const BATCH = 20;
/** A batch that finds Kafka silent, one by one, gives up at the first: this is far more than it takes. */
const LEASE_SECONDS = 60;
const PAUSE_SECONDS = 5;

/**
 * Sends redriven events again, as they were, to the topic they came from. At least once: a crash between Kafka's
 * acknowledgement and the mark sends one twice, and the group's inbox drops the second.
 */
@Injectable()
export class DeadLettersSender implements BeforeApplicationShutdown {
  readonly work: BackgroundWork;
  private readonly producer: FreshProducer;
  private readonly outage = new Outage(new Logger(DeadLettersSender.name), 'redriving');

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly redrives: RedrivesRepository,
    settings: Settings,
  ) {
    this.producer = new FreshProducer(settings);
    this.work = new BackgroundWork({ name: 'redrive', everyMs: POLL_MS, run: () => this.sendDue() });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.work.stop();
    await this.producer.close();
  }

  /** One after the other, in the order they came: events of one key keep theirs. */
  private async sendDue(): Promise<void> {
    const due = await this.redrives.leaseDue(this.database, LEASE_SECONDS, BATCH);
    let outage: Error | null = null;
    for (const letter of due.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      // Kafka that did not answer the first does not answer the next; one that refuses a letter may take another.
      const failure: Error | null = outage ?? (await this.send(letter));
      if (failure === null) {
        await this.redrives.succeed(this.database, letter.id);
        this.outage.over();
      } else {
        await this.redrives.postpone(this.database, letter.id, PAUSE_SECONDS, String(failure));
        this.outage.failed(failure);
        if (isInfrastructureError(failure)) outage = failure;
      }
    }
    if (due.length === BATCH) this.work.wake();
  }

  /** Null once Kafka has it, else why not. */
  private async send(letter: LeasedDeadLetter): Promise<Error | null> {
    const headers = toKafkaHeaders(letter.headers);
    // A dead letter without a group was put there by someone else: it goes to every group.
    if (letter.listenerGroup !== null) headers[REDRIVE_GROUP_HEADER] = letter.listenerGroup;
    const messages = [{ key: letter.key, value: letter.value, headers }];
    try {
      await this.producer.send([{ topic: letter.topic, messages }]);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
