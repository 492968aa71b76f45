import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { BODIES, exampleOfField } from './field-examples';
import { isObject, objectsIn, operationsOf, textsIn, under, visit, type Json } from './json';

const REFERENCE = '#/components/schemas/';
/** What a validator says that the types of a class do not. */
const CONSTRAINTS = [
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'format',
  'minItems',
  'maxItems',
  'uniqueItems',
];
/** Ids that are others' to make. */
const FOREIGN_IDS = new Set(['requestId', 'traceId', 'eventId', 'subjectId', 'chargeId']);

/** One line of text, as `field.decorators.ts` has it, for readers of patterns that know no classes of Unicode. */
const CONTROL = String.raw`\u0000-\u001f\u007f-\u009f`;
const NO_CONTROL = `^[^${CONTROL}]*$`;
const NOT_BLANK = String.raw`^[^${CONTROL}]*[^\s${CONTROL}][^${CONTROL}]*$`;

const isText = (schema: Json): boolean => schema['type'] === 'string' || textsIn(schema['type']).includes('string');

const fieldsOf = (schema: Json): [string, unknown][] =>
  isObject(schema['properties']) ? Object.entries(schema['properties']) : [];

export function schemasOf(document: Json): Map<string, Json> {
  const schemas = Object.entries(under(under(document, 'components'), 'schemas'));
  return new Map(schemas.flatMap(([name, schema]) => (isObject(schema) ? [[name, schema]] : [])));
}

export function nameOf(reference: unknown): string | undefined {
  return typeof reference === 'string' && reference.startsWith(REFERENCE)
    ? reference.slice(REFERENCE.length)
    : undefined;
}

/** Numbers of this API are whole: money is text. Names of enums and single references read as 3.1 has them. */
function modernize(document: Json): void {
  visit(document, (found) => {
    if (found['type'] === 'number') found['type'] = 'integer';
    if (Array.isArray(found['type'])) {
      found['type'] = found['type'].map((type: unknown) => (type === 'number' ? 'integer' : type));
    }
    // The order of a union's members is the compiler's, and changes with other files.
    const mayBeNull = Array.isArray(found['type']) && found['type'].includes('null');
    if (Array.isArray(found['enum'])) found['enum'] = [...textsIn(found['enum']).sort(), ...(mayBeNull ? [null] : [])];
    const [only, more] = objectsIn(found['allOf']);
    if (only && !more && typeof only['$ref'] === 'string') {
      found['$ref'] = only['$ref'];
      delete found['allOf'];
    }
  });
}

/** What a field's name promises everywhere in this API; the tests check every answer against it. */
function formatByName(name: string, schema: Json): void {
  if (!isText(schema) || schema['format'] !== undefined || schema['pattern'] !== undefined || schema['enum']) return;
  if (/(^a|[a-z]A)t$/.test(name)) schema['format'] = 'date-time';
  else if (/(^i|[a-z]I)d$/.test(name) && !FOREIGN_IDS.has(name)) schema['format'] = 'uuid';
}

/** Blanks around a line are cut off before it is measured. */
function portablePattern(schema: Json): void {
  if (schema['pattern'] === String.raw`^\P{Cc}*$`) schema['pattern'] = schema['minLength'] ? NOT_BLANK : NO_CONTROL;
}

/** A body of which nothing is required may be left out. */
function leaveOut(operation: Json, schemas: ReadonlyMap<string, Json>): void {
  const body = operation['requestBody'];
  if (!isObject(body) || !isObject(body['content'])) return;
  const json = body['content']['application/json'];
  const schema = isObject(json) && isObject(json['schema']) ? schemas.get(nameOf(json['schema']['$ref']) ?? '') : null;
  if (schema && textsIn(schema['required']).length === 0) body['required'] = false;
}

/** Validators composed by our own decorators are unknown to the compiler's plugin. */
function addConstraints(schemas: ReadonlyMap<string, Json>): void {
  const checked = validationMetadatasToSchemas({ classTransformerMetadataStorage: defaultMetadataStorage });
  for (const [name, schema] of schemas) {
    const known: unknown = checked[name]?.properties;
    if (!isObject(known)) continue;
    for (const [field, property] of fieldsOf(schema)) {
      const limits = known[field];
      if (!isObject(property) || !isObject(limits) || property['$ref'] !== undefined) continue;
      for (const limit of CONSTRAINTS) {
        if (limits[limit] !== undefined && property[limit] === undefined) property[limit] = limits[limit];
      }
    }
  }
}

/** Names of all schemas that are part of a request body: unknown fields are refused there. */
function namesInRequests(document: Json, schemas: ReadonlyMap<string, Json>): Set<string> {
  const names = new Set<string>();
  const follow = (value: unknown): void =>
    visit(value, (found) => {
      const name = nameOf(found['$ref']);
      if (name === undefined || names.has(name)) return;
      names.add(name);
      follow(schemas.get(name));
    });
  for (const { operation } of operationsOf(document)) follow(operation['requestBody']);
  return names;
}

/** What has no fields of its own is JSON all the same, and not just anything. */
function nameJson(document: Json): void {
  let isUsed = false;
  visit(document, (found) => {
    if (found['type'] === undefined || found['additionalProperties'] !== true) return;
    found['additionalProperties'] = { $ref: `${REFERENCE}JsonValue` };
    isUsed = true;
  });
  if (!isUsed) return;
  const again = { $ref: `${REFERENCE}JsonValue` };
  under(under(document, 'components'), 'schemas')['JsonValue'] = {
    description: 'Any JSON.',
    anyOf: [
      { type: 'string' },
      { type: 'number' },
      { type: 'boolean' },
      { type: 'null' },
      { type: 'array', items: again },
      { type: 'object', additionalProperties: again },
    ],
  };
}

export function finishSchemas(document: Json): void {
  modernize(document);
  nameJson(document);
  const schemas = schemasOf(document);
  addConstraints(schemas);
  for (const [schemaName, schema] of schemas) {
    if (BODIES[schemaName] !== undefined) schema['examples'] = [BODIES[schemaName]];
    for (const [name, property] of fieldsOf(schema)) {
      if (!isObject(property)) continue;
      if (!schemaName.startsWith('TimelineItem')) formatByName(name, property);
      const example = exampleOfField(schemaName, name);
      const isTaken = property['examples'] !== undefined || property['$ref'] !== undefined || property['enum'];
      if (property['example'] !== undefined) property['examples'] = [property['example']];
      else if (example !== undefined && !isTaken && typeFits(property, example)) property['examples'] = [example];
      delete property['example'];
    }
  }
  visit(document, portablePattern);
  for (const name of namesInRequests(document, schemas)) {
    const schema = schemas.get(name);
    if (schema?.['properties'] !== undefined) schema['additionalProperties'] = false;
  }
  for (const { operation } of operationsOf(document)) {
    leaveOut(operation, schemas);
    for (const parameter of objectsIn(operation['parameters'])) {
      const schema = under(parameter, 'schema');
      if (parameter['in'] === 'path') formatByName(String(parameter['name']), schema);
      // A class with initial values takes its fields for given.
      else if (schema['default'] !== undefined) parameter['required'] = false;
    }
  }
}

/** One name may be a text here and a number there. */
function typeFits(schema: Json, example: unknown): boolean {
  const types = textsIn(Array.isArray(schema['type']) ? schema['type'] : [schema['type']]);
  const type = Array.isArray(example) ? 'array' : typeof example === 'number' ? 'integer' : typeof example;
  return types.includes(type);
}
