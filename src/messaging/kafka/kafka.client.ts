import { Logger } from '@nestjs/common';
import { Kafka, logLevel, Partitioners, type LogEntry, type Producer } from 'kafkajs';
import type { Settings } from '../../settings/settings';

const logger = new Logger('Kafka');

/** kafkajs retries by itself and tells of each try: only what it gives up on is an error of ours. */
function log({ level, log: entry }: LogEntry): void {
  const text = `${entry.message}${entry['error'] ? `: ${String(entry['error'])}` : ''}`;
  if (level === logLevel.ERROR) logger.warn(text);
  else logger.debug(text);
}

export function kafkaClientOptions(settings: Settings) {
  return {
    clientId: `tradepost-${settings.serverName}`,
    brokers: settings.kafkaBrokers,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator: () => log,
  };
}

export function createKafka(settings: Settings): Kafka {
  return new Kafka(kafkaClientOptions(settings));
}

/** Topics are made by the app with their settings; nothing appears because someone wrote to it. */
export function createProducer(kafka: Kafka): Producer {
  return kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    idempotent: false,
  });
}
