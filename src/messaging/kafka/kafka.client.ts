import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Kafka, logLevel, Partitioners, type LogEntry, type Producer } from 'kafkajs';
import type { Settings } from '../../settings/settings';
import { lookOnlyWhenRequestsWait } from './request-queue.fix';

lookOnlyWhenRequestsWait();

const logger = new Logger('Kafka');

/** Two servers may bear one name, and one worker may take another's place. */
const THIS_PROCESS = randomUUID().slice(0, 8);

const SAY_AGAIN_AFTER_MS = 60_000;
const MOST_REMEMBERED = 200;
const saidAt = new Map<string, number>();

/** An outage of hours is told of once a minute, not at each try of each consumer. */
function isNew(text: string): boolean {
  const now = Date.now();
  if (now - (saidAt.get(text) ?? -Infinity) < SAY_AGAIN_AFTER_MS) return false;
  if (saidAt.size >= MOST_REMEMBERED) saidAt.clear();
  saidAt.set(text, now);
  return true;
}

/** kafkajs retries by itself and tells of each try: only what it gives up on is an error of ours. */
function log({ level, log: entry }: LogEntry): void {
  const text = `${entry.message}${entry['error'] ? `: ${String(entry['error'])}` : ''}`;
  if (level !== logLevel.ERROR) logger.debug(text);
  else if (isNew(text)) logger.warn(text);
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

/** By which the groups' members are known as this process's own. */
export function listenersClientId(settings: Settings): string {
  return `${kafkaClientOptions(settings).clientId}-${THIS_PROCESS}`;
}

export function createKafka(settings: Settings): Kafka {
  return new Kafka(kafkaClientOptions(settings));
}

/**
 * A producer for a caller that waits and tries again by itself: it gives up within seconds, silently, whether the
 * broker refuses or says nothing. Topics are made by the app with their settings; nothing appears because someone
 * wrote to it.
 */
export function createImpatientProducer(settings: Settings): Producer {
  const kafka = new Kafka({
    ...kafkaClientOptions(settings),
    requestTimeout: 5_000,
    retry: { initialRetryTime: 200, maxRetryTime: 1_000, retries: 1 },
    logLevel: logLevel.NOTHING,
  });
  return kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    idempotent: false,
  });
}
