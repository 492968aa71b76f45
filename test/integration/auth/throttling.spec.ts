import { randomInt, randomUUID } from 'node:crypto';
import { bringBack } from '../../support/outage';
import { OwnServer } from '../../support/own-server';
import { mailedTokens, mailsTo } from '../../support/mailbox';
import { Shop, type Answer, type Problem } from '../../support/shop';
import { Stores, stackCommand } from '../../support/stores';

const PASSWORD = 'correct horse battery';

/** A customer's address, never the same. */
const newAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
const newEmail = () => `throttled-${randomUUID()}@example.com`;

/** The stack's servers let tests do as they please: here is one with the limits of the shop. */
describe('signing in', () => {
  const shop = new Shop();
  const stores = new Stores();
  let server: OwnServer;

  beforeAll(async () => {
    const port = Number(new URL(shop.stack.apiUrls[0] ?? '').port);
    const env = {
      RATE_LIMIT_SCALE: '1',
      RATE_LIMIT_PER_MINUTE: '10000',
      RATE_LIMIT_SENSITIVE_PER_MINUTE: '10000',
      SERVER_DB_POOL: '4',
    };
    // Two processes, which take turns with connections.
    server = await OwnServer.start(port + 10, env);
  }, 90_000);

  afterAll(async () => {
    await server.stop();
    stores.close();
  });

  function send<T = Problem>(path: string, body: object, from: string): Promise<Answer<T>> {
    return server.visitor.send<T>('POST', `/v1/auth/${path}`, body, { 'x-forwarded-for': from });
  }

  async function register(from = newAddress()): Promise<string> {
    const email = newEmail();
    const answer = await send('register', { email, password: PASSWORD, name: 'Ada Example' }, from);
    expect(answer.status).toBe(201);
    return email;
  }

  const guess = (email: string, from: string) => send('login', { email, password: 'a wrong password' }, from);
  const login = (email: string, from: string) => send('login', { email, password: PASSWORD }, from);

  /** As if nobody had tried for that long. */
  async function waited(seconds: number): Promise<void> {
    for (const key of await stores.redis.keys('attempts:*')) {
      const at = Number(await stores.redis.hget(key, 'at'));
      await stores.redis.hset(key, 'at', at - seconds * 1000);
    }
  }

  it('is made to wait after five wrong passwords from a place, longer each time', async () => {
    const [email, from] = [await register(), newAddress()];
    for (let i = 0; i < 5; i += 1) expect((await guess(email, from)).status).toBe(401);
    const waits: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const refused = await guess(email, from);
      expect([refused.status, refused.body.code]).toEqual([429, 'auth.too_many_attempts']);
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      const wait = Number(refused.headers.get('retry-after'));
      waits.push(wait);
      // The right password has to wait as well: else it would be known for it.
      expect((await login(email, from)).status).toBe(429);
      await waited(wait);
      expect((await guess(email, from)).status).toBe(401);
    }
    expect(waits).toEqual([1, 2, 4, 8]);
    await waited(900);
    expect((await login(email, from)).status).toBe(200);
    for (let i = 0; i < 5; i += 1) expect((await guess(email, from)).status).toBe(401);
  });

  it('counts a hundred attempts at once', async () => {
    const [email, from] = [await register(), newAddress()];
    const answers = await Promise.all(Array.from({ length: 40 }, () => guess(email, from)));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
  });

  it('of an account is made to wait wherever the attempts come from, but not where its owner signed in before', async () => {
    const home = newAddress();
    const email = await register(home);
    for (let i = 0; i < 10; i += 1) expect((await guess(email, newAddress())).status).toBe(401);
    expect((await guess(email, newAddress())).status).toBe(429);
    expect((await login(email, home)).status).toBe(200);
    expect((await login(email, newAddress())).status).toBe(429);
  });

  it('from an address is made to wait, whoever it tries to be', async () => {
    const from = newAddress();
    for (let i = 0; i < 30; i += 1) expect((await guess(newEmail(), from)).status).toBe(401);
    expect((await guess(newEmail(), from)).status).toBe(429);
    expect((await guess(newEmail(), newAddress())).status).toBe(401);
  });

  it('costs nobody anything who knows the password', async () => {
    const [email, from] = [await register(), newAddress()];
    for (let i = 0; i < 35; i += 1) expect((await login(email, from)).status).toBe(200);
  });

  it('waits the same for an email that has no account', async () => {
    const [email, from] = [newEmail(), newAddress()];
    for (let i = 0; i < 5; i += 1) expect((await guess(email, from)).status).toBe(401);
    expect((await guess(email, from)).body.code).toBe('auth.too_many_attempts');
    expect((await stores.redis.keys('attempts:*')).join()).not.toContain('@');
  });

  it('with a wrong password takes as long as with a wrong email', async () => {
    const email = await register();
    const timed = async (who: string) => {
      const started = performance.now();
      expect((await guess(who, newAddress())).status).toBe(401);
      return performance.now() - started;
    };
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < 9; i += 1) {
      times[0].push(await timed(email));
      times[1].push(await timed(newEmail()));
    }
    // The shortest: a busy machine makes any of them longer.
    const [wrong, unknown] = [Math.min(...times[0]), Math.min(...times[1])];
    expect(Math.abs(wrong - unknown)).toBeLessThan(Math.max(wrong, unknown) / 2);
  });

  it('has limits for mails as well', async () => {
    const email = await register();
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await send('password/forgot', { email }, newAddress()));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429]);
    expect((await mailsTo(email, /new password/)).length).toBeLessThanOrEqual(3);
  });

  it('counts new accounts by address: each sends a mail, which says nothing that was typed', async () => {
    const from = newAddress();
    for (let i = 0; i < 60; i += 1) await register(from);
    const account = { email: newEmail(), password: PASSWORD, name: 'Buy now' };
    const refused = await send('register', account, from);
    expect([refused.status, refused.body.code]).toEqual([429, 'auth.too_many_attempts']);
    expect((await send('register', account, newAddress())).status).toBe(201);
    await mailedTokens(account.email, /verify your email/);
    const [mail] = await mailsTo(account.email, /verify your email/);
    expect(mail?.text).toMatch(/^Hello,/);
    expect(mail?.text).not.toContain('Buy now');
  });

  it('is counted by the email in lower case, and refuses those that no account can have', async () => {
    const [email, from] = [await register(), newAddress()];
    for (let i = 0; i < 5; i += 1) {
      expect((await guess(i % 2 === 0 ? email : email.toUpperCase(), from)).status).toBe(401);
    }
    expect((await guess(email, from)).status).toBe(429);
    for (const path of ['login', 'password/forgot']) {
      const body = { email: `\u0130${email}`, ...(path === 'login' ? { password: PASSWORD } : {}) };
      expect((await send(path, body, newAddress())).status).toBe(400);
    }
  });

  it('has a limit without Redis: each process counts for itself', async () => {
    const [email, from] = [await register(), newAddress()];
    await stackCommand('stop', 'redis');
    try {
      const answers = await Promise.all(Array.from({ length: 30 }, () => guess(email, from)));
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
      expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1');
    } finally {
      await bringBack('redis');
    }
  }, 60_000);
});
