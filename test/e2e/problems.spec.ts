import { request } from 'node:http';
import { connect } from 'node:net';
import { PROBLEMS } from '../../src/common/problem.codes';
import { Shop, type Problem } from '../support/shop';

interface WholeProblem extends Problem {
  type: string;
  title: string;
  errors?: { field: string; message: string; pointer?: string; parameter?: string }[];
}

interface Refusal {
  what: string;
  path: string;
  init?: RequestInit;
  status: number;
  code: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: string, headers: Record<string, string> = JSON_TYPE): RequestInit => ({
  method: 'POST',
  body,
  headers,
});

/** Whoever answers, Nginx, Fastify, Nest or a room: clients read one language. */
describe('one language of errors', () => {
  const shop = new Shop();
  const { baseUrl } = shop.stack;
  const server = shop.stack.apiUrls[0] ?? '';

  const refusals: Refusal[] = [
    { what: 'an unknown route of the API', path: '/v1/nothing', status: 404, code: 'not_found' },
    { what: 'an unknown address', path: '/nothing', status: 404, code: 'not_found' },
    { what: 'a folder', path: '/static/', status: 404, code: 'not_found' },
    { what: 'a broken address', path: '/v1/products/%zz', status: 400, code: 'bad_request' },
    { what: 'a long part', path: `/v1/products/by-slug/${'a'.repeat(300)}`, status: 414, code: 'uri_too_long' },
    { what: 'a long address', path: `/v1/products?q=${'a'.repeat(40_000)}`, status: 414, code: 'uri_too_long' },
    {
      what: 'a method that files do not take',
      path: '/static/images/mug.svg',
      init: { method: 'DELETE' },
      status: 405,
      code: 'method_not_allowed',
    },
    {
      what: 'a range beyond the end',
      path: '/static/images/mug.svg',
      init: { headers: { range: 'bytes=99999999-' } },
      status: 416,
      code: 'range_not_satisfiable',
    },
    {
      what: 'headers that Nginx does not read',
      path: '/v1/categories',
      init: { headers: { 'x-long': 'a'.repeat(40_000) } },
      status: 431,
      code: 'headers_too_large',
    },
    {
      what: 'headers that Node does not read',
      path: '/v1/categories',
      init: { headers: { 'x-long': 'a'.repeat(20_000) } },
      status: 431,
      code: 'headers_too_large',
    },
    { what: 'broken JSON', path: '/v1/auth/login', init: post('{"email"'), status: 400, code: 'validation_failed' },
    {
      what: 'another type of body',
      path: '/v1/auth/login',
      init: post('<a/>', { 'content-type': 'text/xml' }),
      status: 415,
      code: 'unsupported_media_type',
    },
    {
      what: 'a body of 2 MB',
      path: '/v1/auth/login',
      init: post(JSON.stringify({ email: 'a'.repeat(2_000_000) })),
      status: 413,
      code: 'body_too_large',
    },
    { what: 'a wrong parameter', path: '/v1/products/1', status: 400, code: 'validation_failed' },
    { what: 'no token', path: '/v1/orders', status: 401, code: 'unauthenticated' },
  ];

  it.each(refusals)('$what: $status $code', async ({ path, init, status, code }) => {
    const response = await fetch(`${baseUrl}${path}`, init);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem: WholeProblem = JSON.parse(await response.text());
    expect({ status: response.status, code: problem.code }).toEqual({ status, code });
    expect(problem).toMatchObject({ type: `/problems/${code}`, title: PROBLEMS[code]?.title, status });
    expect(problem.requestId).toBeTruthy();
  });

  it('points into the body, and names parameters', async () => {
    const customer = await shop.customer();
    const body = { shippingAddressId: 'x', 'a/b~': 1 };
    const pointed = await customer.send<WholeProblem>('POST', '/v1/checkouts', body, { 'idempotency-key': 'pointers' });
    expect(pointed.body.errors?.map(({ field, pointer }) => [field, pointer])).toEqual(
      expect.arrayContaining([
        ['shippingAddressId', '#/shippingAddressId'],
        ['a/b~', '#/a~1b~0'],
      ]),
    );
    const named = await customer.send<WholeProblem>('GET', '/v1/products?page=none');
    expect(named.body.errors?.[0]).toMatchObject({ field: 'page', parameter: 'page' });
    const header = await customer.send<WholeProblem>('POST', '/v1/checkouts', {});
    expect(header.body.errors).toContainEqual(expect.objectContaining({ parameter: 'Idempotency-Key' }));
  });

  it('speaks it on a server without Nginx, to what is no HTTP at all', async () => {
    const { hostname, port } = new URL(server);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write('no http\r\n\r\n'));
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"bad_request"');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${server}/v1/categories`, { headers: { 'x-long': 'a'.repeat(20_000) } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
    expect(status).toBe(431);
  });

  it('publishes every code, for programs and for people', async () => {
    const list = await shop.visitor().get<{ items: { code: string; type: string }[] }>('/docs/errors');
    expect(list.items.map(({ code }) => code)).toEqual(Object.keys(PROBLEMS));
    const page = await fetch(`${baseUrl}/docs/errors`, { headers: { accept: 'text/html,*/*' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<tr id="order.not_found">');
    const type = await fetch(`${baseUrl}/problems/order.not_found`, { redirect: 'manual' });
    expect(type.status).toBe(302);
    expect(type.headers.get('location')).toBe('/docs/errors#order.not_found');
  });
});
