import { Injectable, Logger } from '@nestjs/common';
import { deadLetterTopic, PARTITIONS, RETENTION_MS, TOPICS } from '../../events/topics';
import { Settings } from '../../settings/settings';
import { Outage } from '../outage';
import { createKafka } from './kafka.client';

/** Dead letters wait for a person: longer than the events themselves. */
const DEAD_LETTER_RETENTION_MS = 4 * RETENTION_MS;

/** A dead letter is larger than its event by the cause: one as large as a topic takes must fit too. */
const DEAD_LETTER_BYTES = 2 * 1_048_588;

/** Makes the topics with the seed's settings before anything listens: kafkajs fails on a missing one. */
@Injectable()
export class TopicProvisioner {
  private readonly logger = new Logger(TopicProvisioner.name);

  constructor(private readonly settings: Settings) {}

  /** Tries until Kafka answers: a server starts without it, takes orders, and their events wait in the outbox. */
  async provisionWhenUp(): Promise<void> {
    const outage = new Outage(this.logger, 'making topics');
    for (;;) {
      try {
        await this.provision();
        return;
      } catch (error) {
        const pauseMs = outage.failed(error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  async provision(): Promise<string[]> {
    const admin = createKafka(this.settings).admin();
    await admin.connect();
    try {
      // Asked first, because creating an existing topic is logged as an error.
      const existing = new Set(await admin.listTopics());
      const missing = Object.values(TOPICS)
        .flatMap((topic) => [
          { topic, config: { 'retention.ms': RETENTION_MS } },
          {
            topic: deadLetterTopic(topic),
            config: { 'retention.ms': DEAD_LETTER_RETENTION_MS, 'max.message.bytes': DEAD_LETTER_BYTES },
          },
        ])
        .filter(({ topic }) => !existing.has(topic));
      if (missing.length > 0) {
        await admin.createTopics({
          waitForLeaders: true,
          topics: missing.map(({ topic, config }) => ({
            topic,
            numPartitions: PARTITIONS,
            // The broker's default: 1 at the seed's size, 3 once there are three brokers.
            replicationFactor: -1,
            configEntries: [
              ...Object.entries(config).map(([name, value]) => ({ name, value: String(value) })),
              { name: 'cleanup.policy', value: 'delete' },
            ],
          })),
        });
        this.logger.log(`made topics ${missing.map(({ topic }) => topic).join(', ')}`);
      }
      return missing.map(({ topic }) => topic);
    } finally {
      await admin.disconnect();
    }
  }
}
