import { firstIn, isObject, objectsIn, operationsOf, textsIn, under, type Json } from './json';
import { nameOf, schemasOf } from './schemas.document';

type Schemas = ReadonlyMap<string, Json>;

/** What a schema describes, put together from the examples of its fields. */
function exampleOf(schema: unknown, schemas: Schemas, within: readonly string[]): unknown {
  if (!isObject(schema)) return undefined;
  const name = nameOf(schema['$ref']);
  if (name !== undefined) {
    // A tree ends here.
    return within.includes(name) ? undefined : exampleOf(schemas.get(name), schemas, [...within, name]);
  }
  const given = firstIn(schema['examples']);
  if (given !== undefined) return given;
  const [choice] = objectsIn(schema['anyOf']);
  if (choice) return exampleOf(choice, schemas, within);
  return exampleOfType(schema, schemas, within);
}

function exampleOfType(schema: Json, schemas: Schemas, within: readonly string[]): unknown {
  const types = Array.isArray(schema['type']) ? textsIn(schema['type']) : [schema['type']];
  const value = firstIn(schema['enum']);
  if (value !== undefined) return value;
  if (types.includes('null')) return null;
  if (types.includes('object')) return exampleOfObject(schema, schemas, within);
  if (types.includes('array')) {
    const item = exampleOf(schema['items'], schemas, within);
    return item === undefined ? [] : [item];
  }
  if (types.includes('integer')) return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
  if (types.includes('boolean')) return false;
  return schema['format'] === 'date-time' ? '2026-03-14T09:26:53.589Z' : 'text';
}

function exampleOfObject(schema: Json, schemas: Schemas, within: readonly string[]): Json {
  const fields = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const examples = fields.map(([field, property]) => [field, exampleOf(property, schemas, within)] as const);
  return Object.fromEntries(examples.filter(([, example]) => example !== undefined));
}

/** One example a schema, which every body of that schema shows. */
export function addExamples(document: Json): void {
  const schemas = schemasOf(document);
  const shared = under(under(document, 'components'), 'examples');
  const show = (content: unknown): void => {
    const media = isObject(content) ? content['application/json'] : undefined;
    const name = isObject(media) && isObject(media['schema']) ? nameOf(media['schema']['$ref']) : undefined;
    if (name === undefined || !isObject(media)) return;
    shared[name] ??= { summary: name, value: exampleOf(schemas.get(name), schemas, [name]) };
    media['examples'] = { [name]: { $ref: `#/components/examples/${name}` } };
  };
  for (const { operation } of operationsOf(document)) {
    if (isObject(operation['requestBody'])) show(operation['requestBody']['content']);
    for (const answer of Object.values(under(operation, 'responses'))) if (isObject(answer)) show(answer['content']);
  }
}
