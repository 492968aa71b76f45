import { randomInt, randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually';
import { bringBack, wholeAgain } from '../../support/outage';
import { OwnServer } from '../../support/own-server';
import { Shop, Visitor, type Answer } from '../../support/shop';
import { Stores, stackCommand } from '../../support/stores';

interface Limited {
  method: string;
  path: string;
}

type Document = { paths: Record<string, Record<string, { 'x-rate-limit'?: string }>> };

/** An address of its own, as Nginx would name it: nobody else counts under it. */
const newAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status);

/** The stack's servers let tests do as they please: these have limits that a test can reach. */
describe('rate limits', () => {
  const shop = new Shop();
  const stores = new Stores();
  const servers: OwnServer[] = [];

  beforeAll(async () => {
    const port = Number(new URL(shop.stack.apiUrls[0] ?? '').port) + 21;
    const env = {
      RATE_LIMIT_SCALE: '1',
      RATE_LIMIT_PER_MINUTE: '10',
      RATE_LIMIT_SENSITIVE_PER_MINUTE: '3',
      RATE_LIMIT_CATALOGUE_PER_MINUTE: '15',
      SERVER_DB_POOL: '4',
    };
    servers.push(await OwnServer.start(port, { ...env, WEB_CONCURRENCY: '2' }));
    servers.push(await OwnServer.start(port + 1, env));
  }, 250_000);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    stores.close();
  }, 30_000);

  const server = (index: number): Visitor => servers[index]?.visitor ?? shop.visitor();
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const read = (index: number, address: string, path = '/problems') =>
    server(index).send('GET', path, undefined, from(address));

  it('are counted over all workers of all servers', async () => {
    const address = newAddress();
    const answers: Answer<unknown>[] = [];
    for (let i = 0; i < 12; i += 1) answers.push(await read(i % 2, address, '/v1/cart'));
    expect(statuses(answers)).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(Array(12).fill('"ip";q=10;w=60'));
    expect(answers.map(({ headers }) => headers.get('ratelimit')?.split(';')[1])).toEqual(
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0].map((left) => `r=${left}`),
    );
    const wait = answers[11]?.headers.get('retry-after');
    expect(Number(wait)).toBeGreaterThan(0);
    expect(answers[11]?.headers.get('ratelimit')).toBe(`"ip";r=0;t=${wait}`);
    expect(answers[11]?.body).toMatchObject({ code: 'rate_limited' });
    expect(await stores.redis.get(`rate_limit:${address}:GET/v1/cart`)).toBe('12');
    expect(statuses([await read(0, newAddress(), '/v1/cart')])).toEqual([401]);
  });

  it('are counted of a user as well, wherever they come from', async () => {
    const email = `limited-${randomUUID()}@example.com`;
    const account = { email, password: 'correct horse battery', name: 'Ada Example' };
    // Not at a server with limits: others have registered from this machine in the same minute.
    const { accessToken } = await shop.visitor().post<{ accessToken: string }>('/v1/auth/register', account);
    const answers = [];
    for (let i = 0; i < 11; i += 1) {
      const visitor = new Visitor(server(i % 2).baseUrl, accessToken);
      answers.push(await visitor.send('GET', '/v1/users/me', undefined, from(newAddress())));
    }
    expect(statuses(answers)).toEqual([...Array<number>(10).fill(200), 429]);
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"ip";q=10;w=60, "user";q=10;w=60');
    expect(answers[3]?.headers.get('ratelimit')).toMatch(/^"ip";r=9;t=\d+, "user";r=6;t=\d+$/);
  });

  it('are tighter where someone may be guessing', async () => {
    const { paths } = await shop.visitor().get<Document>('/docs-json');
    const sensitive = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]): Limited[] =>
        operation['x-rate-limit'] === 'sensitive' ? [{ method: method.toUpperCase(), path }] : [],
      ),
    );
    expect(sensitive.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'DELETE /v1/auth/two-factor',
      'POST /v1/auth/email/verification',
      'POST /v1/auth/email/verify',
      'POST /v1/auth/login',
      'POST /v1/auth/login/second-factor',
      'POST /v1/auth/password/forgot',
      'POST /v1/auth/password/reset',
      'POST /v1/auth/two-factor',
      'POST /v1/auth/two-factor/confirm',
    ]);
    for (const { method, path } of sensitive) {
      const address = newAddress();
      const answers = [];
      for (let i = 0; i < 4; i += 1) answers.push(await server(0).send(method, path, {}, from(address)));
      expect({ path, last: answers[3]?.status, policy: answers[0]?.headers.get('ratelimit-policy') }).toEqual({
        path,
        last: 429,
        policy: '"ip";q=3;w=60',
      });
      expect(statuses(answers.slice(0, 3))).not.toContain(429);
      expect(answers[3]?.body.code).toBe('rate_limited');
      expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('are looser for the catalogue, where the settings say so', async () => {
    for (const path of ['/v1/products', '/v1/products/search?q=mug', '/v1/categories']) {
      const answer = await read(0, newAddress(), path);
      expect([path, answer.headers.get('ratelimit-policy')]).toEqual([path, '"ip";q=15;w=60']);
    }
  });

  it('take what Nginx says, not what a client says about itself', async () => {
    const key = 'rate_limit:127.0.0.1:GET/v1/cart';
    await stores.redis.del(key);
    const forged = Array.from({ length: 5 }, newAddress);
    for (const address of forged) {
      const answer = await shop.visitor().send('GET', '/v1/cart', undefined, {
        'x-forwarded-for': `${address}, ${address}`,
        'x-real-ip': address,
        forwarded: `for=${address}`,
        'x-client-ip': address,
      });
      expect(answer.status).toBe(401);
    }
    expect(await stores.redis.get(key)).toBe('5');
    for (const address of forged) expect(await stores.redis.keys(`rate_limit:*${address}*`)).toEqual([]);
  });

  it('count the last hop only: what stands before it was not written by Nginx', async () => {
    const address = newAddress();
    const answers = [];
    for (let i = 0; i < 11; i += 1) {
      answers.push(await read(0, `${newAddress()}, ${address}`, '/v1/cart'));
    }
    expect(answers[10]?.status).toBe(429);
  });

  it('count what one customer has of IPv6 as one address', async () => {
    const network = `2001:db8:${randomInt(1, 65_536).toString(16)}:${randomInt(1, 65_536).toString(16)}`;
    const answers = [];
    for (let i = 0; i < 11; i += 1) answers.push(await read(0, `${network}::${(i + 1).toString(16)}`, '/v1/cart'));
    expect(answers[10]?.status).toBe(429);
    expect(await stores.redis.keys(`rate_limit:${network}::/64:*`)).toHaveLength(1);
  });

  it('go on in each process while Redis is down, and in Redis when it is back', async () => {
    const address = newAddress();
    await stackCommand('stop', 'redis');
    try {
      const answers = [];
      for (let i = 0; i < 12; i += 1) answers.push(await read(1, address, '/v1/cart'));
      expect(statuses(answers)).toEqual([...Array<number>(10).fill(401), 429, 429]);
      expect(answers[3]?.headers.get('ratelimit')).toMatch(/^"ip";r=6;t=\d+$/);
      expect(Number(answers[11]?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await read(1, newAddress(), '/v1/cart')).status).toBe(401);
    } finally {
      await bringBack('redis');
    }
    const later = newAddress();
    await eventually('hits to be counted in Redis again', async () => {
      await read(1, later, '/v1/categories');
      return (await stores.redis.exists(`rate_limit:${later}:GET/v1/categories`)) === 1;
    });
  }, 90_000);

  it('go on in each process while Redis is slow', async () => {
    const address = newAddress();
    await stores.redis.call('CLIENT', 'PAUSE', '3000', 'ALL');
    const answers = [];
    const begun = performance.now();
    for (let i = 0; i < 12; i += 1) answers.push(await read(1, address, '/v1/cart'));
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(statuses(answers)).toEqual([...Array<number>(10).fill(401), 429, 429]);
    await wholeAgain();
  }, 60_000);
});
