import { readFileSync } from 'node:fs';
import { eventually } from '../support/eventually';
import { OwnServer } from '../support/own-server';
import { Shop } from '../support/shop';
import { Stores } from '../support/stores';

const PORT = 4110;

/** A server of its own: one HTTP worker, one for background work, and little patience. */
describe('one server', () => {
  const shop = new Shop();
  const stores = new Stores();
  let server: OwnServer;

  /** Children of the server's primary, from /proc. */
  const workers = (): number[] => {
    const children = readFileSync(`/proc/${server.process.pid}/task/${server.process.pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  };

  beforeAll(async () => {
    server = await OwnServer.start(PORT, { RATE_LIMIT_SCALE: '0.05', SERVER_DB_POOL: '4' });
  }, 90_000);

  afterAll(async () => {
    await server.stop();
    stores.close();
  }, 30_000);

  it('says of each dependency whether it is up', async () => {
    expect(await server.visitor.get('/health/ready')).toEqual({
      status: 'ok',
      dependencies: {
        'postgres-users': 'up',
        'postgres-products': 'up',
        'postgres-orders': 'up',
        redis: 'up',
        kafka: 'up',
        mongo: 'up',
      },
    });
    expect(await server.visitor.get('/health/live')).toEqual({ status: 'ok' });
  });

  it('gives every answer a request id, and takes over a harmless one', async () => {
    const made = await server.visitor.send('GET', '/health/live');
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const given = await server.visitor.send('GET', '/health/live', undefined, { 'x-request-id': 'night-shift-7' });
    expect(given.headers.get('x-request-id')).toBe('night-shift-7');
  });

  it('counts an address and an endpoint for a minute, then answers 429', async () => {
    // An address of its own, as Nginx would name it: other tests count under theirs.
    const address = `203.0.113.${Math.floor(Math.random() * 250)}`;
    const answers = [];
    for (let i = 0; i < 6; i += 1) {
      answers.push(await server.visitor.send('GET', '/v1/categories', undefined, { 'x-forwarded-for': address }));
    }
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"ip";q=5;w=60');
    expect(answers[0]?.headers.get('ratelimit')).toMatch(/^"ip";r=4;t=\d+$/);
    expect(Number(answers[5]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers[5]?.body).toMatchObject({ code: 'rate_limited' });
    const ttl = await stores.redis.ttl(`rate_limit:${address}:GET/v1/categories`);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(60);
  });

  it('has metrics of all its workers in one answer', async () => {
    const scrape = async () => (await fetch(`http://127.0.0.1:${PORT}/metrics`)).text();
    const text = await eventually('metrics of requests and of events', async () => {
      const metrics = await scrape();
      return (
        metrics.includes('http_request_duration_seconds_count{') && metrics.includes('nodejs_eventloop_lag') && metrics
      );
    });
    expect(text).toMatch(/process_cpu_seconds_total/);
    const throughNginx = await shop.visitor().send('GET', '/metrics');
    expect(throughNginx.status).toBe(404);
  });

  it('replaces a dead worker', async () => {
    const before = workers();
    expect(before).toHaveLength(2);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await eventually('two new workers', () => {
      const now = workers();
      return Promise.resolve(now.length === 2 && now.every((pid) => !before.includes(pid)));
    });
    await eventually(
      'an answer',
      async () => {
        const answer = await server.visitor.send('GET', '/health/live').catch(() => null);
        return answer?.status === 200;
      },
      30_000,
    );
  }, 60_000);

  it('finishes what it has on SIGTERM, and is gone within 10 s', async () => {
    const credentials = { email: 'nobody@example.com', password: 'wrong password' };
    const login = server.visitor.send('POST', '/v1/auth/login', credentials, { 'x-forwarded-for': '198.51.100.7' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [answer, { code, ms }] = await Promise.all([login, server.stop()]);
    expect(answer).toMatchObject({ status: 401, body: { code: 'auth.wrong_credentials' } });
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  }, 30_000);
});
