import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError as FieldFailure } from 'class-validator';
import { EVENTS, isEventType, type EventType } from './catalogue';
import type { DomainEvent } from './envelope';

/** An event nobody can act upon, whatever is tried: it belongs among the dead letters. */
export class PoisonEventError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'PoisonEventError';
  }
}

const REQUIRED = ['id', 'type', 'source', 'subject', 'time', 'dataschema', 'sequence'] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(failures: FieldFailure[], path = 'data'): string[] {
  return failures.flatMap((failure) => [
    ...Object.values(failure.constraints ?? {}).map((message) => `${path}.${failure.property}: ${message}`),
    ...describe(failure.children ?? [], `${path}.${failure.property}`),
  ]);
}

/** Checks a payload against its class; unknown fields are let through: a newer producer may add some. */
export function validateEventData(type: EventType, data: unknown): void {
  if (!isRecord(data)) throw new PoisonEventError(`${type}: data is not an object`);
  const failures = validateSync(plainToInstance<object, object>(EVENTS[type].payload, data));
  if (failures.length > 0) throw new PoisonEventError(`${type}: ${describe(failures).join('; ')}`);
}

function isDomainEvent(message: Record<string, unknown>): message is Record<string, unknown> & DomainEvent {
  const type = message['type'];
  if (typeof type !== 'string' || !isEventType(type)) return false;
  validateEventData(type, message['data']);
  return true;
}

/**
 * Reads one Kafka message. `null` is an event type this version does not know, to be acknowledged: a newer server may
 * already send it. Throws PoisonEventError on anything that is not an event of ours.
 */
export function readEvent(message: unknown): DomainEvent | null {
  if (!isRecord(message)) throw new PoisonEventError('the message is not a JSON object');
  for (const field of REQUIRED) {
    if (typeof message[field] !== 'string') throw new PoisonEventError(`the envelope lacks ${field}`);
  }
  const major = /v(\d+)$/.exec(String(message['dataschema']))?.[1];
  const type = String(message['type']);
  if (isEventType(type) && major !== String(EVENTS[type].version)) {
    throw new PoisonEventError(`${type}: schema version ${major ?? 'none'} is not supported`);
  }
  return isDomainEvent(message) ? message : null;
}
