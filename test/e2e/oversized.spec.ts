import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Shop, type Problem } from '../support/shop';

interface Refused extends Problem {
  errors?: object[];
}

const JSON_TYPE = { 'content-type': 'application/json' };

const nested = (open: string, close: string, levels: number): string =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;

/** More than anyone who buys would send: through Nginx, and to a server that Nginx does not shield. */
describe.each(['through Nginx', 'past it'])('%s, too much', (way) => {
  const shop = new Shop();
  const baseUrl = way === 'past it' ? (shop.stack.apiUrls[0] ?? '') : shop.stack.baseUrl;

  async function login(body: string | Buffer, headers: Record<string, string> = JSON_TYPE) {
    const started = Date.now();
    const response = await fetch(`${baseUrl}/v1/auth/login`, {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers,
    });
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem: Refused = JSON.parse(text);
    return { status: response.status, code: problem.code, problem, length: text.length, ms: Date.now() - started };
  }

  it.each([
    ['objects', nested('{"a":', '}', 100_000)],
    ['lists', nested('[', ']', 200_000)],
    ['objects where a text belongs', `{"email":${nested('{"a":', '}', 50_000)},"password":"x"}`],
  ])('%s in one another is 400', async (_, body) => {
    expect(await login(body)).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it('fields is 400, and not all of them are told back', async () => {
    const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field${index}`, index]));
    const answer = await login(JSON.stringify(fields));
    expect(answer).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(answer.problem.errors).toHaveLength(100);
    expect(answer.length).toBeLessThan(20_000);
  });

  it('text in one field is 400', async () => {
    const body = JSON.stringify({ email: 'ada@example.com', password: 'a'.repeat(1_000_000) });
    expect(await login(body)).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it('that is packed is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 32));
    expect(bomb.length).toBeLessThan(100_000);
    for (const coding of ['gzip', 'GZIP', 'br', 'deflate', 'gzip, gzip', 'identity, gzip']) {
      const answer = await login(bomb, { ...JSON_TYPE, 'content-encoding': coding });
      expect(answer).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    }
  });

  it.each(['identity', 'Identity', ' IDENTITY ', ''])(
    'or little, said not to be packed, is read: %j',
    async (coding) => {
      const answer = await login('{}', { ...JSON_TYPE, 'content-encoding': coding });
      expect(answer).toMatchObject({ status: 400, code: 'validation_failed' });
    },
  );
});

describe('10 MB', () => {
  const shop = new Shop();

  it('is 413 at Nginx', async () => {
    const response = await fetch(`${shop.stack.baseUrl}/v1/auth/login`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: 'a'.repeat(10_000_000),
    });
    expect(response.status).toBe(413);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('is 413 at a server, which does not wait for all of it', async () => {
    const { hostname, port } = new URL(shop.stack.apiUrls[0] ?? '');
    const head = `POST /v1/auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n`;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(head));
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
      socket.once('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"body_too_large"');
  });
});
