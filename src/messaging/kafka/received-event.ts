import type { KafkaMessage } from 'kafkajs';
import { currentTrace, runInTrace, takeOverTraceparent } from '../../common/trace-context';
import type { DomainEvent } from '../../events/envelope';
import { PoisonEventError, readEvent } from '../../events/event.reader';
import { headerText } from './dead-letter.headers';

/** An event with the trace it came in (CloudEvents' Distributed Tracing extension): the cause of what it leads to. */
export type ReceivedEvent = DomainEvent & { traceparent: string };

function parse(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString('utf8') ?? '');
  } catch {
    throw new PoisonEventError('the message is not a JSON object');
  }
}

/**
 * Many groups of this process get the same messages within a moment, and each would read them anew. What is remembered is
 * told by its bytes, so that no other message can be taken for it; a copy, since a message holds all of its fetch in memory.
 */
const REMEMBERED = 500;
const remembered = new Map<string, { value: Buffer; header: string | undefined; event: ReceivedEvent | null }>();

function read(value: Buffer | null, header: string | undefined): ReceivedEvent | null {
  const event = readEvent(parse(value));
  return event && { ...event, traceparent: takeOverTraceparent(header) };
}

/** Shared by all who receive it: nobody changes it. Null: a type this version does not know, to be acknowledged. Throws PoisonEventError on what is no event of ours. */
export function readMessage({ key, offset, value, headers }: KafkaMessage): ReceivedEvent | null {
  const header = headerText(headers, 'traceparent');
  if (value === null) return read(value, header);
  const name = `${key?.toString('latin1') ?? ''} ${offset}`;
  const known = remembered.get(name);
  if (known?.header === header && known?.value.equals(value)) return known.event;
  const event = read(value, header);
  remembered.delete(name);
  remembered.set(name, { value: Buffer.from(value), header, event });
  if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
  return event;
}

/** Runs `work` as what this one event of a batch led to: its logs and what it emits say so. */
export function becauseOf<T>(event: ReceivedEvent, work: () => T): T {
  const requestId = currentTrace()?.requestId ?? event.id;
  return runInTrace({ requestId, traceparent: event.traceparent, causationId: event.id }, work);
}

/**
 * Splits a batch into parts of one kind each, in order: of one order's events the earlier is dealt with first, and each
 * part can be one transaction.
 */
export function consecutive<T, K>(events: readonly T[], kindOf: (event: T) => K): { kind: K; events: T[] }[] {
  const parts: { kind: K; events: T[] }[] = [];
  for (const event of events) {
    const kind = kindOf(event);
    const last = parts.at(-1);
    if (last?.kind === kind) last.events.push(event);
    else parts.push({ kind, events: [event] });
  }
  return parts;
}
