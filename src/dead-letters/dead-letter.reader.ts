import { isUUID } from 'class-validator';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { uuidv7 } from 'uuidv7';
import { deadLetterTopic, TOPICS } from '../events/topics';
import { DEAD_LETTER_HEADERS, headerText, originalHeaders } from '../messaging/kafka/dead-letter.headers';
import type { NewDeadLetter, StoredHeaders } from './dead-letter.record';

const NUMBER = /^\d{1,18}$/;
const MOST_PARTITION = 2_147_483_647;
const TYPE = /^[\w.-]{1,100}$/;
const MOST_GROUP = 100;

/** PostgreSQL keeps every character but NUL. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

function toStored(headers: IHeaders): StoredHeaders {
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one): StoredHeaders =>
      one === undefined ? [] : [[storable(name), Buffer.from(one).toString('base64')]],
    ),
  );
}

/** The message need not be JSON, nor an object, nor an event of ours. */
function fieldsOf(value: Buffer | null): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(value?.toString('utf8') ?? '');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

const uuidOf = (value: unknown): string | null =>
  typeof value === 'string' && isUUID(value) ? value.toLowerCase() : null;

/** On every topic but the stock's the key is the order's id: it is known even of a message that is garbage. */
function orderOf(topic: string, fields: Record<string, unknown>, key: Buffer | null): string | null {
  return uuidOf(fields['orderid']) ?? (topic === TOPICS.inventory ? null : uuidOf(key?.toString('utf8')));
}

/** Reads one message of a `.dlq` topic. Never fails: what lies there was unreadable to someone once already. */
export function readDeadLetter(dlqTopic: string, dlqPartition: number, message: KafkaMessage): NewDeadLetter {
  const header = (name: keyof typeof DEAD_LETTER_HEADERS): string | undefined =>
    headerText(message.headers, DEAD_LETTER_HEADERS[name]);
  const topics = Object.values(TOPICS);
  const topic = topics.find((known) => deadLetterTopic(known) === dlqTopic) ?? dlqTopic;
  const partition = header('partition') ?? '';
  const offset = header('offset') ?? '';
  const fields = fieldsOf(message.value);
  const type = fields['type'];
  return {
    id: uuidv7(),
    dlqTopic,
    dlqPartition,
    dlqOffset: message.offset,
    failedAt: new Date(Number(message.timestamp)),
    listenerGroup: storable(header('group') ?? '').slice(0, MOST_GROUP) || null,
    topic,
    partition: NUMBER.test(partition) && Number(partition) <= MOST_PARTITION ? Number(partition) : null,
    offset: NUMBER.test(offset) ? offset : null,
    eventId: uuidOf(fields['id']),
    eventType: typeof type === 'string' && TYPE.test(type) ? type : null,
    orderId: orderOf(topic, fields, message.key),
    key: message.key,
    value: message.value,
    headers: toStored(originalHeaders(message.headers)),
    error: storable(header('error') ?? 'no cause was given'),
    stack: storable(header('stack') ?? ''),
  };
}

/** As Kafka takes them; values that share a name go together. */
export function toKafkaHeaders(headers: StoredHeaders): IHeaders {
  const byName = new Map<string, Buffer[]>();
  for (const [name, value] of headers) {
    byName.set(name, [...(byName.get(name) ?? []), Buffer.from(value, 'base64')]);
  }
  return Object.fromEntries([...byName].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
