import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, objectsIn, operationsOf, textsIn, under, type Json } from '../../src/http/openapi/json';
import { faultOf } from './documented';
import type { Visitor } from './shop';

const ROOT = join(__dirname, '..', '..');

/** A request that its route would take, as far as the document says; tests then spoil one part of it. */
export interface CraftedRequest {
  name: string;
  method: string;
  path: string;
  permission: string;
  inPath: Record<string, string>;
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

/** What the schema allows; things that exist go by their names. */
function sample(value: unknown, name: string, known: Readonly<Record<string, string>>): unknown {
  const schema = resolved(value);
  const [example]: unknown[] = Array.isArray(schema['examples']) ? schema['examples'] : [];
  const types = textsIn([schema['type']].flat());
  if (schema['format'] === 'uuid') return known[name] ?? example ?? '0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001';
  if (example !== undefined) return example;
  if (Array.isArray(schema['enum'])) return textsIn(schema['enum'])[0];
  if (isObject(schema['properties'])) {
    return Object.fromEntries(
      Object.entries(schema['properties']).map(([field, inner]) => [field, sample(inner, field, known)]),
    );
  }
  if (types.includes('array')) return [sample(schema['items'], name, known)];
  if (types.includes('integer')) return 1;
  if (types.includes('boolean')) return false;
  return types.includes('object') ? {} : 'text';
}

/** One request for every route of the document; `known` has ids of things that exist, by the names that routes give them. */
export function craftedRequests(known: Readonly<Record<string, string>>): CraftedRequest[] {
  return operationsOf(document).map(({ method, path, operation }) => {
    const inPath: Record<string, string> = {};
    const query: Record<string, string> = {};
    const headers: Record<string, string> = {};
    for (const parameter of objectsIn(operation['parameters']).map(resolved)) {
      const name = String(parameter['name']);
      // Of `/v1/orders/{id}/…` the id is an order's.
      const [, thing = ''] = /\/(\w[\w-]*)\/\{id\}/.exec(path) ?? [];
      const value = String(sample(parameter['schema'], name === 'id' ? thing : name, known));
      if (parameter['in'] === 'path') inPath[name] = value;
      if (parameter['in'] === 'query') query[name] = value;
      if (parameter['in'] === 'header') headers[name] = name === 'If-Match' ? '*' : value;
    }
    const content = isObject(operation['requestBody']) ? under(operation['requestBody'], 'content') : {};
    const json = content['application/json'];
    const body = isObject(json) ? sample(json['schema'], '', known) : undefined;
    const permission = typeof operation['x-permission'] === 'string' ? operation['x-permission'] : '';
    return { name: `${method.toUpperCase()} ${path}`, method, path, permission, inPath, query, headers, body };
  });
}

export async function sendCrafted(visitor: Visitor, request: CraftedRequest, rawBody?: string): Promise<CraftedAnswer> {
  const path = request.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(request.inPath[name] ?? ''),
  );
  const query = new URLSearchParams(request.query).toString();
  const body = rawBody ?? (request.body === undefined ? null : JSON.stringify(request.body));
  const started = Date.now();
  const response = await fetch(`${visitor.baseUrl}${path}${query ? `?${query}` : ''}`, {
    method: request.method.toUpperCase(),
    headers: {
      ...request.headers,
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
