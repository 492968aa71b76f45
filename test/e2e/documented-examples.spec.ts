import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DEMO_CUSTOMER, DEMO_PRODUCT } from '../../src/common/demo-data';
import { isObject, objectsIn, operationsOf, under, type Json, type Operation } from '../../src/http/openapi/json';
import { Shop, Visitor } from '../support/shop';
import { cli } from '../support/stores';

const DOCUMENT: unknown = JSON.parse(readFileSync(join(__dirname, '../../clients/openapi.json'), 'utf8'));

/** It looks at the whole shop: after other specs that takes as long as they left orders. `test/integration/consistency` asks it. */
const LEFT_OUT = '/v1/admin/consistency';

/** What a reference of the document points at. */
function resolved(document: Json, found: Json): Json {
  const reference = found['$ref'];
  if (typeof reference !== 'string') return found;
  const target = reference
    .split('/')
    .slice(1)
    .reduce<Json>((at, key) => under(at, key), document);
  return target;
}

/** The address of an operation with its examples filled in; null when it needs what has none. */
function addressOf(document: Json, { path, operation }: Operation): string | null {
  const query = new URLSearchParams();
  let address = path;
  for (const parameter of objectsIn(operation['parameters']).map((found) => resolved(document, found))) {
    const { name, example } = parameter;
    if (parameter['required'] !== true) continue;
    if (typeof example !== 'string') return null;
    if (parameter['in'] === 'query') query.set(String(name), example);
    else address = address.replace(`{${String(name)}}`, example);
  }
  return query.size > 0 ? `${address}?${query.toString()}` : address;
}

/** Whoever executes the documentation's examples as they stand, in a shop with demo data, is understood. */
describe('the examples of the documentation', () => {
  const shop = new Shop();
  const document = isObject(DOCUMENT) ? DOCUMENT : {};
  const readable = operationsOf(document)
    .filter(({ method, path }) => method === 'get' && path !== LEFT_OUT)
    .flatMap((found) => addressOf(document, found) ?? []);
  let ada: Visitor;
  let admin: Visitor;

  const example = (schema: string): object => {
    const found = under(under(under(document, 'components'), 'examples'), schema)['value'];
    if (!isObject(found)) throw new Error(`${schema} has no example`);
    return found;
  };

  beforeAll(async () => {
    const visitor = shop.visitor();
    const session = await visitor.post<{ accessToken: string }>('/v1/auth/login', example('Login'));
    ada = new Visitor(visitor.baseUrl, session.accessToken);
    admin = await shop.admin();
  });

  it('are many', () => {
    expect(readable.length).toBeGreaterThan(25);
    expect(readable).toContain(`/v1/products/${DEMO_PRODUCT.id}`);
    expect(readable).toContain(`/v1/users/me/addresses/${DEMO_CUSTOMER.addressId}`);
  });

  it.each(readable)('answer GET %s', async (address) => {
    const reader = address.startsWith('/v1/admin/') ? admin : ada;
    const response = await fetch(`${shop.stack.baseUrl}${address}`, {
      headers: { authorization: `Bearer ${reader.token}` },
    });
    expect(`${response.status} ${response.status < 300 ? '' : await response.text()}`).toMatch(/^2\d\d $/);
  });

  it('lead to a checkout', async () => {
    await ada.post('/v1/cart/items', example('AddItem'));
    const key = { 'idempotency-key': randomUUID() };
    const checkout = await ada.post<{ items: { productId: string }[] }>(
      '/v1/checkouts',
      example('CreateCheckout'),
      key,
    );
    expect(checkout.items.map(({ productId }) => productId)).toEqual([DEMO_PRODUCT.id]);
    expect((await ada.send('DELETE', '/v1/cart')).status).toBe(200);
  });

  it('stay good when the demo is put into the shop again', async () => {
    await cli('seed-demo');
    const again = await shop.visitor().post<{ accessToken: string }>('/v1/auth/login', example('Login'));
    const customer = new Visitor(shop.stack.baseUrl, again.accessToken);
    const { items } = await customer.get<{ items: { id: string }[] }>('/v1/users/me/addresses');
    expect(items.map(({ id }) => id)).toEqual([DEMO_CUSTOMER.addressId]);
  });
});
