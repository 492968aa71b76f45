import type { IHeaders, KafkaMessage, Message } from 'kafkajs';

/** What a dead letter carries beside the headers of its event: who gave it up, where it lay, and why. */
export const DEAD_LETTER_HEADERS = {
  group: 'x-group',
  topic: 'x-original-topic',
  partition: 'x-original-partition',
  offset: 'x-original-offset',
  error: 'x-error',
  stack: 'x-stack',
} as const;

/** On an event sent again: the one group it is for. The others had it, and let it pass. */
export const REDRIVE_GROUP_HEADER = 'x-redrive-group';

const MOST_ERROR = 1_000;
const MOST_STACK = 4_000;

const OURS = new Set<string>([...Object.values(DEAD_LETTER_HEADERS), REDRIVE_GROUP_HEADER]);

export function headerText(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return value === undefined || Array.isArray(value) ? undefined : value.toString();
}

/** The headers the event itself had. */
export function originalHeaders(headers: IHeaders | undefined): IHeaders {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !OURS.has(name)));
}

/** The message as it lay, with who gave it up and why. */
export function deadLetterOf(
  { key, value, headers, offset }: KafkaMessage,
  place: { group: string; topic: string; partition: number },
  error: Error,
): Message {
  const cause = {
    [DEAD_LETTER_HEADERS.group]: place.group,
    [DEAD_LETTER_HEADERS.topic]: place.topic,
    [DEAD_LETTER_HEADERS.partition]: String(place.partition),
    [DEAD_LETTER_HEADERS.offset]: offset,
    [DEAD_LETTER_HEADERS.error]: error.message.slice(0, MOST_ERROR),
    [DEAD_LETTER_HEADERS.stack]: (error.stack ?? '').slice(0, MOST_STACK),
  };
  return { key, value, headers: { ...originalHeaders(headers), ...cause } };
}
