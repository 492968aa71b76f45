import type { ErrorObject } from 'ajv';
import { EVENTS, isEventType, type EventType } from './catalogue';
import type { DomainEvent } from './envelope';
import { payloadCheck } from './payload.schemas';

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

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const path = `data${instancePath.replaceAll('/', '.')}`;
  if (keyword === 'required') return `${path}.${String(params['missingProperty'])}: is missing`;
  return `${path}: ${message ?? 'is not valid'}`;
}

/** Checks a payload against its class; unknown fields are let through: a newer producer may add some. */
export function validateEventData(type: EventType, data: unknown): void {
  const check = payloadCheck(type);
  if (check(data)) return;
  throw new PoisonEventError(`${type}: ${(check.errors ?? []).map(describe).join('; ')}`);
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
