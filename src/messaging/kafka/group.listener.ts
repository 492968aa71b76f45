import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { KafkaContext, ServerKafka, type MessageHandler } from '@nestjs/microservices';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { UnavailableError } from '../../common/app-error';
import { newTraceparent, runInTrace, takeOverTraceparent } from '../../common/trace-context';
import { deadLetterTopic, TOPICS, type Topic } from '../../events/topics';
import type { Settings } from '../../settings/settings';
import { deadLetterOf, headerText, REDRIVE_GROUP_HEADER } from './dead-letter.headers';
import { kafkaClientOptions, listenersClientId } from './kafka.client';
import { isInfrastructureError } from '../../database/infrastructure-error';
import type { ListenerGroup } from './listener-groups';
import type { ListenerMetrics } from './listener.metrics';
import { nameOf, PartitionPauses, type Place } from './partition.pauses';
import { readMessage } from './received-event';

const REJOIN_EVERY_MS = 5_000;
const CLOSE_WITHIN_MS = 3_000;
/** Of a stop; what is left is for leaving the group, so that others take over at once. */
const LAST_COMMIT_WITHIN_MS = 1_000;
const HEARTBEAT_MS = 2_000;
/** Messages of one partition that are handled together: one transaction must end well within a statement's time. */
const AT_ONCE = 100;
/**
 * After each fetch with events in it. What comes one by one costs each group a fetch and a transaction an event; so the
 * first event is handled at once, and those behind it together. A small part of what an order may take.
 */
const GATHER_MS = 200;
/** Also bounds how long a stop waits for the fetch under way. */
const FETCH_WAITS_MS = 1_000;
/**
 * How long what is done with may stay uncommitted: a commit is a write of the broker's, for each group. After a crash it
 * is read again, and the inbox knows it.
 */
const COMMIT_AFTER_MS = 1_000;
/** All partitions of a fetch: they wait for the next one together, not one after the other. */
const PARTITIONS_AT_ONCE = 12;

function isTopic(name: string): name is Topic {
  return Object.values<string>(TOPICS).includes(name);
}

type Counters = Pick<ListenerMetrics, 'handled' | 'retried' | 'deadLettered' | 'skipped'>;

/**
 * One consumer group as a Nest microservice. Its handlers get events by the batch, one call a partition's batch. Nest
 * would commit the offset of a handler that threw; here each error is decided: infrastructure is down, then the partition
 * pauses and the same events are tried again, never skipped; anything else is poison, goes to `<topic>.dlq` with its
 * cause, and the partition goes on. A group of raw messages gets them one by one and has no poison: whatever fails there
 * is tried again.
 */
export class GroupListener extends ServerKafka {
  private readonly listenerLogger: Logger;
  private readonly pauses = new PartitionPauses();
  private pause: Promise<void> | null = null;
  /** Commits what is done with in all partitions, not its own alone. */
  private latest: EachBatchPayload | null = null;
  private readonly closing = new AbortController();
  private dueCommit: NodeJS.Timeout | null = null;

  constructor(
    private readonly group: ListenerGroup,
    settings: Settings,
    private readonly counters: Counters,
  ) {
    super({
      client: { ...kafkaClientOptions(settings), clientId: listenersClientId(settings) },
      postfixId: '',
      consumer: {
        groupId: group.name,
        allowAutoTopicCreation: false,
        sessionTimeout: 10_000,
        rebalanceTimeout: 15_000,
        heartbeatInterval: HEARTBEAT_MS,
        maxWaitTimeInMs: FETCH_WAITS_MS,
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
      await setTimeout(REJOIN_EVERY_MS, undefined, { ref: false });
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

  /** Nest would try to read each topic as JSON first, and a thrown error an event is not cheap. */
  override getHandlerByPattern(pattern: string): MessageHandler | null {
    return this.messageHandlers.get(pattern) ?? null;
  }

  /** A group that is just rebalancing lets go of a member late; what then remains is left at the process's end. */
  override async close(): Promise<void> {
    this.closing.abort();
    const committed = Promise.race([this.commitNow(), setTimeout(LAST_COMMIT_WITHIN_MS, undefined, { ref: false })]);
    const closing = committed.then(() => super.close());
    await Promise.race([closing, setTimeout(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  override async bindEvents(consumer: Consumer): Promise<void> {
    const topics = [...this.messageHandlers.keys()].map(String);
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      autoCommit: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: async (batch) => {
        this.latest = batch;
        try {
          await this.takeBatch(batch);
        } finally {
          if (!batch.isRunning() || this.closing.signal.aborted) await this.commitNow();
          else this.commitSoon();
        }
        await this.gathering();
      },
    });
  }

  private commitSoon(): void {
    if (this.closing.signal.aborted) return;
    this.dueCommit ??= startTimer(() => void this.commitNow(), COMMIT_AFTER_MS).unref();
  }

  /**
   * All partitions at once. What a group that is rebalancing, or a broker that is away, refuses is tried again, also when
   * no event comes; what stays refused is read again.
   */
  private async commitNow(): Promise<void> {
    if (this.dueCommit) clearTimeout(this.dueCommit);
    this.dueCommit = null;
    const batch = this.latest;
    if (!batch) return;
    try {
      await batch.commitOffsetsIfNecessary(batch.uncommittedOffsets());
    } catch (error) {
      this.listenerLogger.debug(`not committed: ${String(error)}`);
      if (batch.isRunning()) this.commitSoon();
    }
  }

  /** The pause before the next fetch, one for all partitions of this one. */
  private gathering(): Promise<void> {
    const { signal } = this.closing;
    this.pause ??= setTimeout(this.group.gatherMs ?? GATHER_MS, undefined, { ref: false, signal })
      .catch(() => undefined)
      .then(() => {
        this.pause = null;
      });
    return this.pause;
  }

  private async takeBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    for (let from = 0; from < messages.length; from += AT_ONCE) {
      if (!payload.isRunning() || payload.isStale()) return;
      const some = messages.slice(from, from + AT_ONCE);
      // An effect may wait for its turn longer than the broker waits for a word from us.
      const alive = setInterval(() => void payload.heartbeat().catch(() => undefined), HEARTBEAT_MS);
      const done = await this.take(payload, some).finally(() => clearInterval(alive));
      const last = some[done - 1];
      if (last) payload.resolveOffset(last.offset);
      if (done < some.length) {
        const resume = payload.pause();
        void setTimeout(this.pauses.next({ topic, partition }), undefined, { ref: false }).then(resume);
        return;
      }
      await payload.heartbeat();
    }
  }

  /**
   * How many of these messages, from the first on, are done with; the next one must be tried again later. Together they
   * are one transaction of the handler; where that fails, each goes by itself, so that only the bad one is set apart.
   */
  private async take(payload: EachBatchPayload, messages: readonly KafkaMessage[]): Promise<number> {
    const { topic, partition } = payload.batch;
    const place = { topic, partition };
    const [first, second] = messages;
    if (first && second && !this.group.raw) {
      const together = await this.takeTogether(place, messages, first);
      if (together !== 'one by one') return together === 'done' ? messages.length : 0;
    }
    for (const [index, message] of messages.entries()) {
      const outcome = await this.takeOne(place, message);
      if (outcome === 'later') return index;
      if (outcome === 'done') continue;
      // No inbox knows a dead letter: read again after a crash, it would be written a second time.
      payload.resolveOffset(message.offset);
      await this.commitNow();
    }
    return messages.length;
  }

  private async takeTogether(
    place: Place,
    messages: readonly KafkaMessage[],
    first: KafkaMessage,
  ): Promise<'done' | 'later' | 'one by one'> {
    try {
      const ours = messages.filter((message) => this.isForUs(message));
      const events = ours.map(readMessage).filter((event) => event !== null);
      const requestId = `${nameOf(place)}/${first.offset}+${messages.length}`;
      if (events.length > 0) {
        // What the handler emits names its cause itself.
        await runInTrace({ requestId, traceparent: newTraceparent() }, () => this.hand(place, first, events));
      }
      this.succeeded(place, ours.length, messages.length - ours.length);
      return 'done';
    } catch (error) {
      if (!isInfrastructureError(error)) return 'one by one';
      this.mustWait(place, first.offset, error);
      return 'later';
    }
  }

  private async takeOne(place: Place, message: KafkaMessage): Promise<'done' | 'later' | 'dead letter'> {
    if (!this.isForUs(message)) {
      this.succeeded(place, 0, 1);
      return 'done';
    }
    const traceparent = takeOverTraceparent(headerText(message.headers, 'traceparent'));
    const requestId = `${nameOf(place)}/${message.offset}`;
    try {
      if (this.group.raw) {
        await runInTrace({ requestId, traceparent }, () => this.hand(place, message, message.value));
      } else {
        const event = readMessage(message);
        const trace = { requestId, traceparent, causationId: event?.id };
        if (event) await runInTrace(trace, () => this.hand(place, message, [event]));
      }
      this.succeeded(place, 1, 0);
      return 'done';
    } catch (error) {
      if (this.group.raw || isInfrastructureError(error)) {
        this.mustWait(place, message.offset, error);
        return 'later';
      }
      return this.deadLetter(place, message, error);
    }
  }

  /** A raw group's handler finds its message in the context; the others get events, and the batch's first message there. */
  private async hand({ topic, partition }: Place, message: KafkaMessage, data: unknown): Promise<void> {
    const { consumer, producer } = this;
    if (!consumer || !producer) throw new UnavailableError('The listener');
    const context = new KafkaContext([message, partition, topic, consumer, () => Promise.resolve(), producer]);
    await this.handleEvent(topic, { pattern: topic, data }, context);
  }

  private isForUs(message: KafkaMessage): boolean {
    const onlyFor = headerText(message.headers, REDRIVE_GROUP_HEADER);
    return onlyFor === undefined || onlyFor === this.group.name || this.group.raw === true;
  }

  private succeeded(place: Place, handled: number, skipped: number): void {
    this.pauses.over(place);
    if (handled > 0) this.counters.handled(this.group.name, place.topic, handled);
    if (skipped > 0) this.counters.skipped(this.group.name, place.topic, skipped);
  }

  private mustWait(place: Place, offset: string, error: unknown): void {
    this.pauses.failed(place);
    this.counters.retried(this.group.name, place.topic);
    this.listenerLogger.warn(`${nameOf(place)}@${offset} waits: ${String(error)}`);
  }

  private async deadLetter(place: Place, message: KafkaMessage, cause: unknown): Promise<'later' | 'dead letter'> {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.listenerLogger.error(`${nameOf(place)}@${message.offset} is a dead letter: ${error.message}`, error.stack);
    const { topic } = place;
    const { producer } = this;
    if (!isTopic(topic) || !producer) return 'later';
    const letter = deadLetterOf(message, { group: this.group.name, ...place }, error);
    try {
      await producer.send({ topic: deadLetterTopic(topic), acks: -1, messages: [letter] });
      this.counters.deadLettered(this.group.name, topic);
      return 'dead letter';
    } catch (failure) {
      this.listenerLogger.warn(`the dead letter could not be written yet: ${String(failure)}`);
      return 'later';
    }
  }
}
