import { STATUS_CODES } from 'node:http';
import { isObject, objectsIn, operationsOf, under, visit, type Json } from './json';

/** What the groups of routes are for, in the order they are shown: as customers need them, then staff, then machines. */
export const TAGS: Readonly<Record<string, string>> = {
  auth: 'Accounts, and the tokens that prove who calls.',
  catalogue: 'Products and categories: reading, searching, suggesting. Open to anyone; answers carry an `ETag`.',
  cart: 'What is meant to be bought, of customers and of guests.',
  users: 'The profile and the addresses of who is signed in.',
  checkout: 'Prices and stock held for ten minutes, then an order.',
  orders: 'Orders of who is signed in, and what happened to them.',
  'admin: catalogue': 'Products, their images, and categories, for staff.',
  'admin: import and export': 'Products from CSV files and into them.',
  'admin: inventory': 'What is on hand.',
  'admin: orders': 'All orders: cancelling, refunding, shipping.',
  'admin: users': 'All accounts.',
  'admin: webhooks': 'Where the shop tells integrators what happens, and what was sent.',
  'admin: API keys': 'Keys of integrations: what each may do is named with it.',
  'admin: operations': 'The audit log, dead letters and the check over all stores.',
  operations: 'For who runs the shop: health, and the list of all error codes.',
  provider: 'Where the payment provider reports.',
  webhooks: 'What the shop tells integrators, signed by Standard Webhooks 1.0.',
};

const HEADERS: Json = {
  RequestId: { description: 'Names this request in the logs', schema: { type: 'string' } },
  RetryAfter: { description: 'Seconds after which trying again may help', schema: { type: 'integer' } },
  RateLimit: {
    description: 'What is left of each limit, and the seconds until it is whole again',
    schema: { type: 'string', examples: ['"ip";r=99;t=60, "user";r=42;t=13'] },
  },
  RateLimitPolicy: {
    description: 'How many requests to this endpoint a window of so many seconds takes, of an address and of a user',
    schema: { type: 'string', examples: ['"ip";q=100;w=60, "user";q=100;w=60'] },
  },
  ETag: { description: 'The version of what was read, for `If-None-Match` or `If-Match`', schema: { type: 'string' } },
};

/** Bodies of files are texts and not forms with a file in them. */
export function describeFiles(document: Json): void {
  for (const { operation } of operationsOf(document)) {
    const body = isObject(operation['requestBody']) ? under(operation['requestBody'], 'content') : {};
    if (isObject(body['text/csv'])) body['text/csv']['schema'] = { type: 'string' };
  }
}

export function stateSecurity(document: Json): void {
  for (const { operation } of operationsOf(document)) {
    const { 'x-guests': guests } = operation;
    const withGuests = guests ? [{ bearer: [] }, { cartToken: [] }, ...(guests === 'new' ? [{}] : [])] : undefined;
    const permission = operation['x-permission'];
    const forKeys =
      typeof permission === 'string' && !permission.startsWith('own:') && !permission.startsWith('api-keys:');
    const signedIn = forKeys ? [{ bearer: [] }, { apiKey: [] }] : [{ bearer: [] }];
    operation['security'] = operation['x-public'] ? [] : (withGuests ?? signedIn);
    delete operation['x-public'];
    delete operation['x-guests'];
    delete operation['x-before-enrolment'];
  }
}

/** Names of good answers, and the headers they come with. */
export function describeAnswers(document: Json): void {
  under(document, 'components')['headers'] = structuredClone(HEADERS);
  for (const { operation } of operationsOf(document)) {
    const responses = under(operation, 'responses');
    const isLimited = responses['429'] !== undefined;
    const names = objectsIn(operation['parameters']).map((parameter) => parameter['name']);
    if (names.includes('If-None-Match')) responses['304'] = { description: 'It is still so.' };
    for (const [status, answer] of Object.entries(responses)) {
      if (!isObject(answer) || Number(status) >= 400 || answer['$ref'] !== undefined) continue;
      answer['description'] ||= STATUS_CODES[status] ?? status;
      const headers = under(answer, 'headers');
      headers['X-Request-Id'] = { $ref: '#/components/headers/RequestId' };
      if (names.includes('If-None-Match') || names.includes('If-Match')) {
        headers['ETag'] = { $ref: '#/components/headers/ETag' };
      }
      if (!isLimited) continue;
      headers['RateLimit'] = { $ref: '#/components/headers/RateLimit' };
      headers['RateLimit-Policy'] = { $ref: '#/components/headers/RateLimitPolicy' };
    }
  }
}

const keyOf = (parameter: Json): string => `${String(parameter['in'])} ${String(parameter['name'])}`;

/** Parameters that routes have in common are said once. Of a name with several meanings the commonest is shared. */
export function shareParameters(document: Json): void {
  const counts = new Map<string, Map<string, number>>();
  const all = operationsOf(document).map(({ operation }) => operation);
  for (const parameter of all.flatMap((operation) => objectsIn(operation['parameters']))) {
    const variants = counts.get(keyOf(parameter)) ?? new Map<string, number>();
    const text = JSON.stringify(parameter);
    counts.set(keyOf(parameter), variants.set(text, (variants.get(text) ?? 0) + 1));
  }
  const shared = under(under(document, 'components'), 'parameters');
  const share = (parameter: Json): Json => {
    const text = JSON.stringify(parameter);
    const [[most, count] = ['', 0]] = [...(counts.get(keyOf(parameter)) ?? [])].sort(([, a], [, b]) => b - a);
    if (most !== text || count < 2) return parameter;
    const name = String(parameter['name']).replaceAll('-', '');
    const component = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    shared[component] = parameter;
    return { $ref: `#/components/parameters/${component}` };
  };
  for (const operation of all) operation['parameters'] = objectsIn(operation['parameters']).map(share);
}

/** Clients know `Order` and not our class `OrderDto`. */
export function renameSchemas(document: Json): void {
  const components = under(document, 'components');
  const plain = (name: string): string => name.replace(/Dto$/, '');
  for (const part of ['schemas', 'examples']) {
    const entries = Object.entries(under(components, part)).map(([name, value]) => [plain(name), value] as const);
    const renamed: Json = Object.fromEntries(entries);
    if (Object.keys(renamed).length !== entries.length) throw new Error('two schemas have one name without "Dto"');
    components[part] = renamed;
  }
  visit(document, (found) => {
    if (typeof found['$ref'] === 'string') found['$ref'] = plain(found['$ref']);
    if (isObject(found['examples']) && found !== components) {
      found['examples'] = Object.fromEntries(
        Object.entries(found['examples']).map(([name, value]) => [plain(name), value]),
      );
    }
    if (typeof found['summary'] === 'string' && 'value' in found) found['summary'] = plain(found['summary']);
  });
}
