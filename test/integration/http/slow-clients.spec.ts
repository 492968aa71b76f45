import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { Shop } from '../../support/shop';
import { SlowClient } from '../../support/slow-client';

/** Nginx's time for headers, and for the pauses of a body, is ten seconds. */
const IN_TIME_MS = 20_000;
const STALLED_BODY =
  'POST /v1/auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{';

function statusOf(
  url: string,
  path: string,
): Promise<{ status: number; body: string; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { rejectUnauthorized: false, agent: false }, (response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString('utf8')));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body, retryAfter: response.headers['retry-after'] });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('slow clients', () => {
  const { stack } = new Shop();
  const clients: SlowClient[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'tradepost-nginx-'));
  let nginx: ChildProcess | undefined;

  function slow(first: string, url = stack.baseUrl): SlowClient {
    const client = new SlowClient(url, first);
    clients.push(client);
    return client;
  }

  afterAll(() => {
    for (const client of clients) client.end();
    nginx?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  it('are cut off in time, and nobody else waits for them', async () => {
    let line = 0;
    const headers = Array.from({ length: 100 }, () =>
      slow('GET /v1/products HTTP/1.1\r\nHost: shop\r\n').drip(() => `X-Drip-${(line += 1)}: 1\r\n`, 500),
    );
    const silent = Array.from({ length: 50 }, () => slow(''));
    const bodies = Array.from({ length: 50 }, () => slow(STALLED_BODY));
    const over = new AbortController();
    const all = Promise.all([...headers, ...silent, ...bodies].map(({ closed }) => closed)).then((times) => {
      over.abort();
      return times;
    });
    const waits: number[] = [];
    while (!over.signal.aborted && waits.length < 1_000) {
      const asked = performance.now();
      expect((await statusOf(stack.baseUrl, '/health/live')).status).toBe(200);
      waits.push(performance.now() - asked);
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 200))]);
    }
    expect(Math.max(...(await all))).toBeLessThan(IN_TIME_MS);
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThan(5_000);
    for (const { received } of headers) expect(received).not.toContain(' 200 ');
  }, 60_000);

  it('and those with endless headers are told so at once', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `X-Filler-${i}: ${'x'.repeat(400)}\r\n`).join('');
    const long = `X-Filler: ${'x'.repeat(20_000)}\r\n`;
    for (const headers of [many, long]) {
      const client = slow(`GET /v1/products HTTP/1.1\r\nHost: shop\r\n${headers}`);
      expect(await client.closed).toBeLessThan(5_000);
      expect(client.received).toContain('HTTP/1.1 431 ');
      expect(client.received).toContain('"code":"headers_too_large"');
    }
  }, 30_000);

  it('of one address hold only so many connections', async () => {
    const { port } = new URL(stack.baseUrl);
    const [https, http] = [Number(port) + 30, Number(port) + 31];
    const script = join(__dirname, '../../support/own-nginx.mjs');
    nginx = spawn(process.execPath, [script, folder, String(https), String(http)], {
      env: { ...process.env, NGINX_CONNECTIONS_PER_ADDRESS: '5' },
      stdio: 'ignore',
    });
    const url = `https://127.0.0.1:${https}`;
    const answers = async () => (await statusOf(url, '/v1/categories').catch(() => null))?.status === 200;
    await eventually('our Nginx to answer', answers, 60_000);
    let held: SlowClient[] = [];
    const refused = await eventually('the sixth to be refused', async () => {
      // Nginx may still count the answer before: then one of the five is refused, and another takes its place.
      held = held.filter(({ received }) => received === '');
      while (held.length < 5) held.push(slow(STALLED_BODY, url));
      const answer = await statusOf(url, '/v1/categories');
      return answer.status === 429 && answer;
    });
    // Counted apart, as pictures and streams are.
    expect((await statusOf(url, '/health/live')).status).toBe(200);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(refused.retryAfter).toBe('5');
    for (const client of held) client.end();
    await eventually('the next to be served', answers);
  }, 90_000);
});
