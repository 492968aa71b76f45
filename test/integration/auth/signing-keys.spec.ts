import { createHmac, randomBytes } from 'node:crypto';
import { OwnServer } from '../../support/own-server';
import { Shop, Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Session {
  accessToken: string;
  refreshToken: string;
}

interface Header {
  alg: string;
  kid: string;
}

const oldSecret = process.env['JWT_SECRET'] ?? '';
const newSecret = randomBytes(32).toString('base64url');

function headerOf(token = ''): Header {
  const header: Header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
  return header;
}

/** The same claims under another header, signed with `secret`. */
function signedAnew(token: string, header: object, secret: string): string {
  const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1] ?? ''}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** The stack's servers have the old secret; this one has a new one, and takes the old one still. */
describe('another signing key', () => {
  const shop = new Shop();
  const stores = new Stores();
  let rotated: OwnServer;

  beforeAll(async () => {
    const port = Number(new URL(shop.stack.apiUrls[0] ?? '').port) + 13;
    const env = { JWT_SECRET: newSecret, JWT_ACCEPTED_SECRETS: oldSecret, SERVER_DB_POOL: '4' };
    rotated = await OwnServer.start(port, env);
  }, 90_000);

  afterAll(async () => {
    await rotated.stop();
    stores.close();
  });

  const statusOn = async (baseUrl: string, token: string) =>
    (await new Visitor(baseUrl, token).send('GET', '/v1/users/me')).status;

  it('signs from now on, and nobody is signed out', async () => {
    const customer = await shop.customer(0);
    expect(await statusOn(rotated.visitor.baseUrl, customer.token ?? '')).toBe(200);
    const login = { email: customer.email, password: 'correct horse battery' };
    const { accessToken } = await rotated.visitor.post<Session>('/v1/auth/login', login);
    expect(headerOf(accessToken)).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(headerOf(accessToken).kid).not.toBe(headerOf(customer.token).kid);
    expect(await statusOn(rotated.visitor.baseUrl, accessToken)).toBe(200);
    // Who was not told of the new key does not take it.
    expect(await statusOn(shop.visitor(0).baseUrl, accessToken)).toBe(401);
  });

  it('leaves the carts of guests alone', async () => {
    const product = await shop.product(5);
    const item = { productId: product.id, quantity: 2 };
    const added = await shop.visitor(0).send('POST', '/v1/cart/items', item);
    const headers = { 'x-cart-token': added.headers.get('x-cart-token') ?? '' };
    const cart = await rotated.visitor.send<{ items: object[] }>('GET', '/v1/cart', undefined, headers);
    expect([cart.status, cart.body.items.length]).toEqual([200, 1]);
  });

  it('is chosen by the name in the header, and by nothing else there', async () => {
    const { token = '' } = await shop.customer(0);
    const { kid } = headerOf(token);
    const header = { alg: 'HS256', typ: 'JWT' };
    const on = (forged: string) => statusOn(shop.visitor(0).baseUrl, forged);
    expect(await on(signedAnew(token, { ...header, kid }, oldSecret))).toBe(200);
    // Of before keys had names.
    expect(await on(signedAnew(token, header, oldSecret))).toBe(200);
    expect(await on(signedAnew(token, { ...header, kid: 'another' }, oldSecret))).toBe(401);
    expect(await on(signedAnew(token, { ...header, kid: ['../../dev/null'] }, ''))).toBe(401);
    expect(await on(signedAnew(token, { ...header, kid: '__proto__' }, oldSecret))).toBe(401);
    expect(await on(signedAnew(token, { ...header, kid }, newSecret))).toBe(401);
    expect(await on(signedAnew(token, { ...header, kid, alg: 'none' }, oldSecret))).toBe(401);
    expect(await on(signedAnew(token, { ...header, kid, jwk: { kty: 'oct', k: '' } }, ''))).toBe(401);
  });
});
