import { Injectable, Logger } from '@nestjs/common';
import { deadLetterTopic, PARTITIONS, RETENTION_MS, TOPICS } from '../../events/topics';
import { Settings } from '../../settings/settings';
import { createKafka } from './kafka.client';

/** Dead letters wait for a person: longer than the events themselves. */
const DEAD_LETTER_RETENTION_MS = 4 * RETENTION_MS;

const RETRY_MS = 2_000;

/** Makes the topics with the seed's settings before anything listens: kafkajs fails on a missing one. */
@Injectable()
export class TopicProvisioner {
  private readonly logger = new Logger(TopicProvisioner.name);

  constructor(private readonly settings: Settings) {}

  /** Tries until Kafka answers: a server starts without it, takes orders, and their events wait in the outbox. */
  async provisionWhenUp(): Promise<void> {
    for (;;) {
      try {
        await this.provision();
        return;
      } catch (error) {
        this.logger.warn(`topics wait for Kafka: ${String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
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
          { topic, retentionMs: RETENTION_MS },
          { topic: deadLetterTopic(topic), retentionMs: DEAD_LETTER_RETENTION_MS },
        ])
        .filter(({ topic }) => !existing.has(topic));
      if (missing.length > 0) {
        await admin.createTopics({
          waitForLeaders: true,
          topics: missing.map(({ topic, retentionMs }) => ({
            topic,
            numPartitions: PARTITIONS,
            // The broker's default: 1 at the seed's size, 3 once there are three brokers.
            replicationFactor: -1,
            configEntries: [
              { name: 'retention.ms', value: String(retentionMs) },
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
