import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstIn, isObject, objectsIn, operationsOf, textsIn, under, type Json } from '../../src/http/openapi/json';
import { faultOf } from './documented';
import type { Visitor } from './shop';

const ROOT = join(__dirname, '..', '..');

/** What stands for it is new with each sending: no request is refused because of the one before. */
export const FRESH = '{fresh}';

/** What exists or fits, by the name of the parameter or field, or by route and name: `POST /v1/orders checkoutId`. */
export type Known = Readonly<Record<string, unknown>>;

/** A request that its route would take, as far as the document says; tests then spoil one part of it. */
export interface CraftedRequest {
  name: string;
  method: string;
  path: string;
  permission: string;
  inPath: Record<string, string>;
  /** What is empty is not sent. */
  query: Record<string, string>;
  headers: Record<string, string>;
  /** Undefined where the route takes no JSON. */
  body: unknown;
}

export interface CraftedAnswer {
  status: number;
  text: string;
  ms: number;
  fault: string | null;
}

const HEADERS: Readonly<Record<string, string>> = { 'Idempotency-Key': FRESH, 'If-Match': '*' };

function readDocument(): Json {
  const document: unknown = JSON.parse(readFileSync(join(ROOT, 'clients/openapi.json'), 'utf8'));
  if (!isObject(document)) throw new Error('clients/openapi.json is no document');
  return document;
}

const document = readDocument();

function resolved(value: unknown): Json {
  if (!isObject(value)) return {};
  const reference = value['$ref'];
  if (typeof reference !== 'string') return value;
  let found: unknown = document;
  for (const part of reference.split('/').slice(1)) found = isObject(found) ? found[part] : undefined;
  return resolved(found);
}

/** What the schema allows: all of its fields, with what is known of them before what the whole has as an example. */
function sample(value: unknown, name: string, knownOf: (name: string) => unknown, given?: unknown): unknown {
  const schema = resolved(value);
  const example = given ?? firstIn(schema['examples']);
  const types = textsIn([schema['type']].flat());
  if (isObject(schema['properties'])) {
    const whole = isObject(example) ? example : {};
    return Object.fromEntries(
      Object.entries(schema['properties']).map(([field, inner]) => [
        field,
        sample(inner, field, knownOf, whole[field] ?? undefined),
      ]),
    );
  }
  const known = knownOf(name) ?? example;
  if (known !== undefined) return known;
  if (schema['format'] === 'uuid') return '0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001';
  if (Array.isArray(schema['enum'])) return textsIn(schema['enum'])[0];
  if (types.includes('array')) return [sample(schema['items'], name, knownOf)];
  if (types.includes('integer')) return 1;
  if (types.includes('boolean')) return false;
  return types.includes('object') ? {} : 'text';
}

/** One request for every route of the document; an `id` of a path goes by the word before it. */
export function craftedRequests(known: Known): CraftedRequest[] {
  return operationsOf(document).map(({ method, path, operation }) => {
    const route = `${method.toUpperCase()} ${path}`;
    const knownOf = (name: string): unknown => known[`${route} ${name}`] ?? known[name];
    const inPath: Record<string, string> = {};
    const query: Record<string, string> = {};
    const headers: Record<string, string> = {};
    for (const parameter of objectsIn(operation['parameters']).map(resolved)) {
      const name = String(parameter['name']);
      // Of `/v1/orders/{id}/…` the id is an order's.
      const [, thing = ''] = /\/(\w[\w-]*)\/\{id\}/.exec(path) ?? [];
      const value = String(sample(parameter['schema'], name === 'id' ? thing : name, knownOf, parameter['example']));
      if (parameter['in'] === 'path') inPath[name] = value;
      // The first page has no cursor; one that no list gave out would keep the rest of the query from being read.
      if (parameter['in'] === 'query') query[name] = name === 'cursor' ? '' : value;
      // Without the others a request is taken; a made-up one of those (a cart's token) is refused before all else.
      if (parameter['in'] === 'header' && name in HEADERS) headers[name] = HEADERS[name] ?? '';
    }
    const content = isObject(operation['requestBody']) ? under(operation['requestBody'], 'content') : {};
    const json = content['application/json'];
    const body = isObject(json) ? sample(json['schema'], '', knownOf) : undefined;
    const permission = typeof operation['x-permission'] === 'string' ? operation['x-permission'] : '';
    return { name: route, method, path, permission, inPath, query, headers, body };
  });
}

export async function sendCrafted(visitor: Visitor, request: CraftedRequest, rawBody?: string): Promise<CraftedAnswer> {
  const path = request.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(request.inPath[name] ?? ''),
  );
  const query = new URLSearchParams(Object.entries(request.query).filter(([, value]) => value !== '')).toString();
  const fresh = (text: string): string => text.replaceAll(FRESH, () => randomUUID());
  const body = rawBody ?? (request.body === undefined ? null : fresh(JSON.stringify(request.body)));
  const started = Date.now();
  const response = await fetch(`${visitor.baseUrl}${path}${query ? `?${query}` : ''}`, {
    method: request.method.toUpperCase(),
    headers: {
      ...Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, fresh(value)])),
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(visitor.token ? { authorization: `Bearer ${visitor.token}` } : {}),
    },
    body,
    redirect: 'manual',
  });
  const type = response.headers.get('content-type');
  // A stream of events has no end.
  const text = type?.startsWith('text/event-stream') ? '' : await response.text();
  if (type?.startsWith('text/event-stream')) await response.body?.cancel();
  const ms = Date.now() - started;
  const isJson = type?.includes('json') === true && text !== '';
  const parsed: unknown = isJson ? JSON.parse(text) : null;
  const isKnown = isJson && response.status !== 304;
  const seen = { method: request.method, path, status: response.status, type, body: parsed };
  return { status: response.status, text, ms, fault: isKnown ? faultOf(seen) : null };
}

/** Where in a body there are texts and numbers: each as the way to it. */
export function leavesOf(body: unknown, way: readonly string[] = []): string[][] {
  if (!isObject(body) && !Array.isArray(body)) return way.length > 0 ? [[...way]] : [];
  return Object.entries(body).flatMap(([key, inner]) => leavesOf(inner, [...way, key]));
}

/** The same body with something else at the end of this way. */
export function withLeaf(body: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(body)) {
    const items: unknown[] = body;
    return items.map((item, index) => (String(index) === key ? withLeaf(item, rest, value) : item));
  }
  return isObject(body) ? { ...body, [key]: withLeaf(body[key], rest, value) } : value;
}

/** Runs them a few at a time. */
export async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const run = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}
