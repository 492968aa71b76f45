import { Ajv, type ValidateFunction } from 'ajv';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { MoneyDto } from '../common/money.dto';
import { EVENTS, type EventType } from './catalogue';
import { StockLine } from './inventory.events';
import { OrderLine } from './order.events';

/** What payloads are made of; one that is missing here is missed when the first event is checked. */
const PARTS = [MoneyDto, OrderLine, StockLine];

const OPTIONS = { classTransformerMetadataStorage: defaultMetadataStorage, refPointerPrefix: '' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const ajv = new Ajv({ allErrors: true, strict: true, formats: { uuid: UUID } });
for (const part of PARTS) ajv.addSchema(targetConstructorToSchema(part, OPTIONS), part.name);

const checks = new Map<EventType, ValidateFunction>();

/**
 * The JSON Schema of a type's payload, made from its class and compiled: each event is checked where it is made and by
 * every group that gets it, and class-validator's walk over its metadata took a twentieth of a whole purchase.
 */
export function payloadCheck(type: EventType): ValidateFunction {
  let check = checks.get(type);
  if (!check) {
    check = ajv.compile(targetConstructorToSchema(EVENTS[type].payload, OPTIONS));
    checks.set(type, check);
  }
  return check;
}

/** The same schemas for documents: those of all payloads and of their parts, by name, pointing at each other under `prefix`. */
export function namedSchemas(prefix: string): Record<string, object> {
  const classes = [...PARTS, ...Object.values(EVENTS).map(({ payload }) => payload)];
  const options = { ...OPTIONS, refPointerPrefix: prefix };
  return Object.fromEntries(classes.map((target) => [target.name, targetConstructorToSchema(target, options)]));
}
