import { setTimeout } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { KafkaContext, ServerKafka } from '@nestjs/microservices';
import type { Consumer, EachBatchPayload, EachMessagePayload, KafkaMessage, Producer } from 'kafkajs';
import { runInTrace, takeOverTraceparent } from '../../common/trace-context';
import { deadLetterTopic, TOPICS, type Topic } from '../../events/topics';
import type { Settings } from '../../settings/settings';
import { deadLetterHeaders, headerText, REDRIVE_GROUP_HEADER } from './dead-letter.headers';
import { kafkaClientOptions } from './kafka.client';
import { isInfrastructureError } from '../../database/infrastructure-error';
import type { ListenerGroup } from './listener-groups';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const CLOSE_WITHIN_MS = 4_000;
const HEARTBEAT_MS = 2_000;

function isTopic(name: string): name is Topic {
  return Object.values<string>(TOPICS).includes(name);
}

/** What became of each event, for the metrics. */
export interface ListenerCounters {
  handled(group: string, topic: string): void;
  retried(group: string, topic: string): void;
  deadLettered(group: string, topic: string): void;
  skipped(group: string, topic: string): void;
}

/**
 * One consumer group as a Nest microservice. Nest would commit the offset of a handler that threw; here each error is
 * decided: infrastructure is down, then the partition pauses and the same event is tried again, never skipped;
 * anything else is poison, goes to `<topic>.dlq` with its cause, and the partition goes on. A group of raw messages
 * has no poison: whatever fails there is tried again.
 */
export class GroupListener extends ServerKafka {
  private readonly listenerLogger: Logger;
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly group: ListenerGroup,
    settings: Settings,
    private readonly counters: ListenerCounters,
  ) {
    super({
      client: kafkaClientOptions(settings),
      postfixId: '',
      consumer: {
        groupId: group.name,
        allowAutoTopicCreation: false,
        sessionTimeout: 10_000,
        rebalanceTimeout: 15_000,
        heartbeatInterval: HEARTBEAT_MS,
        // Bounds how long a stop waits for the fetch under way.
        maxWaitTimeInMs: 500,
        retry: { initialRetryTime: 300, maxRetryTime: 5_000, retries: 10 },
      },
      producer: { allowAutoTopicCreation: false },
      // Offsets expire with a long pause; then everything is read again and the inbox drops what was done.
      subscribe: { fromBeginning: true },
    });
    this.listenerLogger = new Logger(group.name);
    this.setTransportId(group.transportId);
  }

  /**
   * kafkajs gives up for good on a broker that stays away; relays and jobs of this worker go on, so the group begins
   * anew. On anything else a new worker is better than one without one of its groups.
   */
  override registerConsumerEventListeners(): void {
    super.registerConsumerEventListeners();
    const { consumer } = this;
    consumer?.on(consumer.events.CRASH, ({ payload }) => {
      if (payload.restart) return;
      if (isInfrastructureError(payload.error)) return void this.rejoin(consumer);
      this.listenerLogger.error(`the consumer gave up, this worker ends: ${payload.error.message}`);
      process.exit(1);
    });
  }

  /** A crash while it joins is told of as another crash, and comes here again. */
  private async rejoin(consumer: Consumer): Promise<void> {
    for (;;) {
      await setTimeout(LONGEST_PAUSE_MS, undefined, { ref: false });
      // Closed meanwhile.
      if (this.consumer !== consumer) return;
      try {
        await consumer.connect();
        return await this.bindEvents(consumer);
      } catch {
        await consumer.disconnect().catch(() => undefined);
      }
    }
  }

  /** A group that is just rebalancing lets go of a member late; the broker forgets one that left without a word. */
  override async close(): Promise<void> {
    await Promise.race([super.close(), setTimeout(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  override async bindEvents(consumer: Consumer): Promise<void> {
    const topics = [...this.messageHandlers.keys()].map(String);
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({ eachBatchAutoResolve: false, eachBatch: (batch) => this.takeBatch(batch) });
  }

  /** Nest's parser would make texts and objects of bytes: a group of raw messages gets them as they are. */
  override async handleMessage(payload: EachMessagePayload): Promise<unknown> {
    const { consumer, producer } = this;
    if (!this.group.raw || !consumer || !producer) return super.handleMessage(payload);
    const { topic, partition, message } = payload;
    const heartbeat = (): Promise<void> => payload.heartbeat();
    const context = new KafkaContext([message, partition, topic, consumer, heartbeat, producer]);
    return this.handleEvent(topic, { pattern: topic, data: message.value }, context);
  }

  private async takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    for (const message of batch.messages) {
      if (!payload.isRunning() || payload.isStale()) return;
      const handled = await this.take(batch.topic, batch.partition, message, () => payload.heartbeat());
      if (!handled) {
        const resume = payload.pause();
        const pauseMs = this.pauseOf(`${batch.topic}/${batch.partition}`);
        void setTimeout(pauseMs, undefined, { ref: false }).then(resume);
        return;
      }
      payload.resolveOffset(message.offset);
      await payload.heartbeat();
    }
  }

  /** False when the event must be tried again later. */
  private async take(
    topic: string,
    partition: number,
    message: KafkaMessage,
    heartbeat: () => Promise<void>,
  ): Promise<boolean> {
    // Nest's parser replaces the buffers by what they hold; a dead letter keeps the bytes.
    const raw = { key: message.key, value: message.value, headers: message.headers };
    const traceparent = takeOverTraceparent(headerText(message.headers, 'traceparent'));
    const place = `${topic}/${partition}`;
    const onlyFor = headerText(message.headers, REDRIVE_GROUP_HEADER);
    if (onlyFor !== undefined && onlyFor !== this.group.name && !this.group.raw) {
      this.counters.skipped(this.group.name, topic);
      return true;
    }
    // An effect may wait for its turn longer than the broker waits for a word from us.
    const alive = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS);
    try {
      await runInTrace({ requestId: `${place}/${message.offset}`, traceparent }, () =>
        this.handleMessage({ topic, partition, message: { ...message }, heartbeat, pause: () => () => undefined }),
      );
      this.failures.delete(place);
      this.counters.handled(this.group.name, topic);
      return true;
    } catch (error) {
      if (this.group.raw || isInfrastructureError(error)) {
        this.failures.set(place, (this.failures.get(place) ?? 0) + 1);
        this.counters.retried(this.group.name, topic);
        this.listenerLogger.warn(`${place}@${message.offset} waits: ${String(error)}`);
        return false;
      }
      return await this.deadLetter(topic, partition, raw, message.offset, error);
    } finally {
      clearInterval(alive);
    }
  }

  private async deadLetter(
    topic: string,
    partition: number,
    raw: Pick<KafkaMessage, 'key' | 'value' | 'headers'>,
    offset: string,
    cause: unknown,
  ): Promise<boolean> {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.listenerLogger.error(`${topic}/${partition}@${offset} is a dead letter: ${error.message}`, error.stack);
    const producer: Producer | null = this.producer;
    if (!isTopic(topic) || !producer) return false;
    try {
      await producer.send({
        topic: deadLetterTopic(topic),
        acks: -1,
        messages: [
          {
            key: raw.key,
            value: raw.value,
            headers: deadLetterHeaders(raw.headers, { group: this.group.name, topic, partition, offset }, error),
          },
        ],
      });
      this.counters.deadLettered(this.group.name, topic);
      return true;
    } catch (failure) {
      this.listenerLogger.warn(`the dead letter could not be written yet: ${String(failure)}`);
      return false;
    }
  }

  private pauseOf(place: string): number {
    const failures = this.failures.get(place) ?? 1;
    return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
  }
}
