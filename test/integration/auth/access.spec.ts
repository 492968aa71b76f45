import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { Shop, Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

const shop = new Shop();
const stores = new Stores();
const secret = process.env['JWT_SECRET'] ?? '';

afterAll(() => stores.close());

interface Claims {
  sub: string;
  sid: string;
  roles: string[];
  iat: number;
  exp: number;
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function claimsOf(token = ''): Claims {
  const claims: Claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return claims;
}

/** A token made by hand. */
function forged(alg: string, claims: object, signature: (text: string) => string): string {
  const text = `${base64url({ alg, typ: 'JWT' })}.${base64url(claims)}`;
  return `${text}.${signature(text)}`;
}

const hmac = (hash: string, key: string) => (text: string) => createHmac(hash, key).update(text).digest('base64url');

async function statusWith(token: string, path = '/v1/users/me', method = 'GET'): Promise<number> {
  return (await new Visitor(shop.visitor(0).baseUrl, token).send(method, path)).status;
}

describe('an access token', () => {
  it('names user and session, and is taken when signed by us', async () => {
    const customer = await shop.customer(0);
    const claims = claimsOf(customer.token);
    expect(claims).toEqual({
      sub: customer.userId,
      sid: expect.any(String),
      roles: ['customer'],
      iat: expect.any(Number),
      exp: claims.iat + 86_400,
    });
    expect(await statusWith(forged('HS256', claims, hmac('sha256', secret)))).toBe(200);
  });

  it('is refused when it chose another algorithm, key, time, user or form', async () => {
    const [customer, other] = await Promise.all([shop.customer(0), shop.customer(0)]);
    const claims = claimsOf(customer.token);
    const past = Math.floor(Date.now() / 1000) - 1;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { exp: _, ...timeless } = claims;
    const refused: Record<string, string> = {
      none: forged('none', claims, () => ''),
      'none, with our signature': forged('none', claims, hmac('sha256', secret)),
      HS512: forged('HS512', claims, hmac('sha512', secret)),
      RS256: forged('RS256', claims, (text) => sign('sha256', Buffer.from(text), privateKey).toString('base64url')),
      'RS256, with our HMAC': forged('RS256', claims, hmac('sha256', secret)),
      'another secret': forged('HS256', claims, hmac('sha256', `${secret}x`)),
      expired: forged('HS256', { ...claims, exp: past }, hmac('sha256', secret)),
      'no expiry': forged('HS256', timeless, hmac('sha256', secret)),
      "someone else's session": forged('HS256', { ...claims, sub: other.userId }, hmac('sha256', secret)),
      'no such session': forged('HS256', { ...claims, sid: randomUUID() }, hmac('sha256', secret)),
      'no session': forged('HS256', { ...claims, sid: "' OR true" }, hmac('sha256', secret)),
      'changed claims': (customer.token ?? '').replace(/\.[^.]+\./, `.${base64url({ ...claims, roles: ['admin'] })}.`),
      garbage: 'not.a.token',
      empty: '',
    };
    const statuses = await Promise.all(
      Object.entries(refused).map(async ([what, token]) => [what, await statusWith(token)]),
    );
    expect(Object.fromEntries(statuses)).toEqual(Object.fromEntries(Object.keys(refused).map((what) => [what, 401])));
  });

  it('claims no role that its session has not', async () => {
    const customer = await shop.customer(0);
    const claims = { ...claimsOf(customer.token), roles: ['admin'] };
    expect(await statusWith(forged('HS256', claims, hmac('sha256', secret)), '/v1/admin/users')).toBe(403);
  });
});

describe('without a token', () => {
  it.each(['/v1/users/me', '/v1/cart', '/v1/orders', '/v1/admin/users'])('GET %s is 401', async (path) => {
    const answer = await shop.visitor(0).send('GET', path);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe("staff's routes", () => {
  it('are for staff, from the moment they are', async () => {
    const customer = await shop.customer(0);
    const refused = await customer.send('GET', '/v1/admin/users');
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    const setRoles = (roles: string[]) =>
      stores.rows('users', 'UPDATE users SET roles = $2 WHERE id = $1', [customer.userId, roles]);
    await setRoles(['customer', 'support']);
    expect((await customer.send('GET', '/v1/admin/users')).status).toBe(200);
    await setRoles(['customer']);
    expect((await customer.send('GET', '/v1/admin/users')).status).toBe(403);
  });
});

describe('a session whose row was revoked behind the cache', () => {
  it('moves no money at once, and reads nothing after a minute', async () => {
    const customer = await shop.customer(0);
    const key = `session:${claimsOf(customer.token).sid}`;
    expect(await statusWith(customer.token ?? '')).toBe(200);
    await stores.rows('users', 'UPDATE sessions SET revoked_at = shop_now() WHERE user_id = $1', [customer.userId]);
    expect(await statusWith(customer.token ?? '')).toBe(200);
    expect(await statusWith(customer.token ?? '', '/v1/checkouts', 'POST')).toBe(401);
    expect(await statusWith(customer.token ?? '', '/v1/orders', 'POST')).toBe(401);
    expect(await statusWith(customer.token ?? '', `/v1/orders/${randomUUID()}/cancel`, 'POST')).toBe(401);

    const cached: { checkedAt: number } = JSON.parse((await stores.redis.get(key)) ?? '{}');
    await stores.redis.set(key, JSON.stringify({ ...cached, checkedAt: cached.checkedAt - 61_000 }));
    expect(await statusWith(customer.token ?? '')).toBe(401);
  });
});
