import type { Producer, TopicMessages } from 'kafkajs';
import type { Settings } from '../../settings/settings';
import { createImpatientProducer } from './kafka.client';

/**
 * Sends to Kafka for a caller that tries again until it works, for hours if need be. Connects with the first message,
 * so that it can be made while Kafka is down; after a failure the next message goes by a new connection, because
 * kafkajs may hold on to what it knew of brokers that are gone.
 */
export class FreshProducer {
  private current: Promise<Producer> | null = null;

  constructor(private readonly settings: Settings) {}

  /** Resolves once all replicas have the messages. Throws within seconds; what was sent may have arrived all the same. */
  async send(topicMessages: TopicMessages[]): Promise<void> {
    this.current ??= this.connect();
    const used = this.current;
    try {
      const producer = await used;
      await producer.sendBatch({ topicMessages, acks: -1 });
    } catch (error) {
      if (this.current === used) this.current = null;
      void this.letGo(used);
      throw error;
    }
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = null;
    if (current) await this.letGo(current);
  }

  private async connect(): Promise<Producer> {
    const producer = createImpatientProducer(this.settings);
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
    return producer;
  }

  private async letGo(connecting: Promise<Producer>): Promise<void> {
    await connecting.then((producer) => producer.disconnect()).catch(() => undefined);
  }
}
