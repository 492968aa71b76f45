import { randomUUID } from 'node:crypto';
import { OwnServer } from '../../support/own-server';
import { Shop, Visitor } from '../../support/shop';
import { whileLocked } from '../../support/table-lock';

const EVERYWHERE = {
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};
const CSP = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'";
const OF_THE_APP = {
  'content-security-policy': CSP,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};

const SHOP_PAGE = 'https://shop.example';
const STRANGER = 'https://shop.example.evil.example';

/** Of a header that came twice the values would stand side by side. */
async function headersOf(url: string, init?: RequestInit): Promise<Record<string, string>> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return Object.fromEntries(response.headers);
}

describe('an answer', () => {
  const shop = new Shop();
  const { baseUrl, apiUrls } = shop.stack;

  it.each(['/v1/products', '/v1/nowhere', '/v1/users/me', '/health/live', '/v1/products/%ff'])(
    'of the app has each security header once: %s',
    async (path) => {
      expect(await headersOf(`${baseUrl}${path}`)).toMatchObject({ ...EVERYWHERE, ...OF_THE_APP });
      const straight = await headersOf(`${apiUrls[0] ?? ''}${path}`);
      expect(straight).toMatchObject({ ...EVERYWHERE, ...OF_THE_APP });
      expect(straight['x-powered-by']).toBeUndefined();
    },
  );

  it('of Nginx has its own', async () => {
    const file = await headersOf(`${baseUrl}/static/images/mug.svg`);
    expect(file).toMatchObject(EVERYWHERE);
    expect(file['content-security-policy']).toContain("default-src 'none'");
    expect(await headersOf(`${baseUrl}/nowhere`)).toMatchObject({ ...EVERYWHERE, 'content-security-policy': CSP });
    expect((await headersOf(`${baseUrl}/nowhere`))['server']).toBe('nginx');
  });

  it('of a page leaves it to the page what it may load', async () => {
    const page = await headersOf(`${baseUrl}/docs`);
    expect(page).toMatchObject(EVERYWHERE);
    expect(page['content-security-policy']).not.toBe(CSP);
  });

  it('to a body of more than a megabyte is 413, at Nginx and at the app', async () => {
    const body = { email: 'someone@example.com', password: 'x'.repeat(1_048_576) };
    for (const visitor of [shop.visitor(), shop.visitor(0)]) {
      const answer = await visitor.send('POST', '/v1/auth/login', body);
      expect([answer.status, answer.body.code]).toEqual([413, 'body_too_large']);
    }
  });
});

describe('pages of other origins', () => {
  const shop = new Shop();
  let server: OwnServer;

  beforeAll(async () => {
    const port = Number(new URL(shop.stack.apiUrls[0] ?? '').port) + 24;
    const env = { CORS_ORIGINS: `https://admin.example,${SHOP_PAGE}`, REQUEST_TIMEOUT_MS: '1500', SERVER_DB_POOL: '4' };
    server = await OwnServer.start(port, env);
  }, 150_000);

  afterAll(async () => {
    await server.stop();
  }, 30_000);

  const preflight = (visitor: Visitor, origin: string) =>
    headersOf(`${visitor.baseUrl}/v1/orders`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });

  it('are let in by the list', async () => {
    const answer = await preflight(server.visitor, SHOP_PAGE);
    expect(answer).toMatchObject({
      'access-control-allow-origin': SHOP_PAGE,
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '600',
      vary: expect.stringContaining('Origin'),
    });
    expect(answer['access-control-allow-methods']?.split(', ')).toEqual(
      expect.arrayContaining(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
    );
    expect(answer['access-control-allow-headers']).toMatch(/Authorization.*Content-Type.*Idempotency-Key.*If-Match/);
    const read = await headersOf(`${server.visitor.baseUrl}/v1/products`, { headers: { origin: SHOP_PAGE } });
    expect(read['access-control-allow-origin']).toBe(SHOP_PAGE);
    const exposed = read['access-control-expose-headers']?.split(', ');
    for (const name of ['ETag', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'Location', 'Idempotent-Replayed']) {
      expect(exposed).toContain(name);
    }
  });

  it.each([STRANGER, 'https://evil.example', 'http://shop.example', 'null'])(
    'are kept out otherwise: %s',
    async (origin) => {
      const answer = await preflight(server.visitor, origin);
      expect(answer['access-control-allow-origin']).toBeUndefined();
      const read = await headersOf(`${server.visitor.baseUrl}/v1/products`, { headers: { origin } });
      expect(read['access-control-allow-origin']).toBeUndefined();
    },
  );

  it('are kept out, all of them, without a list', async () => {
    const answer = await preflight(shop.visitor(), SHOP_PAGE);
    const names = Object.keys(answer).filter((name) => name.startsWith('access-control'));
    expect(names).toEqual([]);
  });

  it('and everyone else get an answer in time', async () => {
    const account = { email: `late-${randomUUID()}@example.com`, password: 'correct horse battery', name: 'Ada' };
    await whileLocked('users', 'users', async (waiting) => {
      const begun = performance.now();
      const late = server.visitor.send('POST', '/v1/auth/register', account).then((answer) => {
        return { answer, ms: performance.now() - begun };
      });
      await waiting(1);
      const { answer, ms } = await late;
      expect([answer.status, answer.body.code]).toEqual([503, 'service_unavailable']);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(ms).toBeGreaterThan(1_400);
      // Sooner than the database gives up.
      expect(ms).toBeLessThan(8_000);
    });
    expect((await server.visitor.send('GET', '/health/live')).status).toBe(200);
  }, 30_000);
});
