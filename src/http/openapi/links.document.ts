import { isObject, operationsOf, under, type Json, type Operation } from './json';
import { nameOf, schemasOf } from './schemas.document';

/** What was made is found again by its id; what else can be done with it, besides the routes below its own. */
const ELSEWHERE: Readonly<Record<string, readonly { to: string; parameters?: Json; requestBody?: Json }[]>> = {
  'post /v1/admin/products': [
    { to: 'get /v1/products/{id}', parameters: { id: '$response.body#/id' } },
    { to: 'get /v1/admin/inventory/{productId}', parameters: { productId: '$response.body#/id' } },
    { to: 'patch /v1/admin/inventory/{productId}', parameters: { productId: '$response.body#/id' } },
    { to: 'get /v1/admin/products/{id}/price-history', parameters: { id: '$response.body#/id' } },
  ],
  'post /v1/admin/categories': [{ to: 'get /v1/categories/{id}', parameters: { id: '$response.body#/id' } }],
  'post /v1/users/me/addresses': [
    { to: 'post /v1/checkouts', requestBody: { shippingAddressId: '$response.body#/id' } },
  ],
  'post /v1/checkouts': [
    {
      to: 'post /v1/orders',
      requestBody: { checkoutId: '$response.body#/id', payment: { provider: 'sandbox', token: 'tok_ok' } },
    },
  ],
  'post /v1/auth/register': [
    { to: 'post /v1/auth/refresh', requestBody: { refreshToken: '$response.body#/refreshToken' } },
  ],
};

const keyOf = ({ method, path }: Operation): string => `${method} ${path}`;

/** The answer that tells of something made, when it has an id. */
function madeBy({ operation }: Operation, schemas: ReadonlyMap<string, Json>): Json | null {
  const answer = under(operation, 'responses')['201'];
  const content = isObject(answer) ? answer['content'] : undefined;
  const json = isObject(content) ? content['application/json'] : undefined;
  const schema = isObject(json) && isObject(json['schema']) ? json['schema'] : undefined;
  const fields = schema && schemas.get(nameOf(schema['$ref']) ?? '')?.['properties'];
  return isObject(answer) && isObject(fields) ? answer : null;
}

/** The parameter by which a route under this one names what was made: `/v1/orders/{id}/cancel` under `/v1/orders`. */
function parameterBelow(path: string, below: string): string | undefined {
  if (!below.startsWith(`${path}/{`)) return undefined;
  const [first, second] = [...below.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  // Of two, the second names something else.
  return second === undefined ? first : undefined;
}

/** Where a client may go on from an answer, as OpenAPI's links. */
export function linkAnswers(document: Json): void {
  const schemas = schemasOf(document);
  const operations = operationsOf(document);
  const ids = new Map(operations.map((found) => [keyOf(found), found.operation['operationId']]));
  for (const found of operations) {
    const answer = madeBy(found, schemas);
    if (!answer) continue;
    const links: Json = {};
    for (const { path, operation } of operations) {
      const parameter = parameterBelow(found.path, path);
      if (parameter === undefined) continue;
      const operationId = String(operation['operationId']);
      links[operationId] = { operationId, parameters: { [parameter]: '$response.body#/id' } };
    }
    for (const { to, ...link } of ELSEWHERE[keyOf(found)] ?? []) {
      const operationId = ids.get(to);
      if (typeof operationId !== 'string') throw new Error(`${keyOf(found)} links to ${to}, which is no route`);
      links[operationId] = { operationId, ...link };
    }
    if (Object.keys(links).length > 0) answer['links'] = links;
  }
}
