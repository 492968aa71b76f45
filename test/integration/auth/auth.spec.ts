import { randomUUID } from 'node:crypto';
import { Shop, Visitor, type Answer, type Problem } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Session {
  user: { id: string; email: string; name: string; roles: string[] };
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

const PASSWORD = 'correct horse battery';
const newEmail = () => `auth-${randomUUID()}@example.com`;

const shop = new Shop();
const stores = new Stores();
const anyone = shop.visitor(0);

afterAll(() => stores.close());

function register(email = newEmail(), headers: Record<string, string> = {}): Promise<Answer<Session & Problem>> {
  return anyone.send('POST', '/v1/auth/register', { email, password: PASSWORD, name: 'Ada Example' }, headers);
}

function login(email: string, password = PASSWORD): Promise<Answer<Session & Problem>> {
  return anyone.send('POST', '/v1/auth/login', { email, password });
}

function refresh(refreshToken: string): Promise<Answer<Session & Problem>> {
  return anyone.send('POST', '/v1/auth/refresh', { refreshToken });
}

const statusOfMe = async (accessToken: string, server = 0) =>
  (await new Visitor(shop.visitor(server).baseUrl, accessToken).send('GET', '/v1/users/me')).status;

describe('signing up', () => {
  it('gives a session, and keeps the email in lower case', async () => {
    const email = newEmail();
    const { status, body } = await register(` ${email.toUpperCase()} `);
    expect(status).toBe(201);
    expect(body).toEqual({
      user: { id: expect.any(String), email, name: 'Ada Example', roles: ['customer'] },
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      expiresIn: 86_400,
    });
    expect(await statusOfMe(body.accessToken)).toBe(200);
    expect((await login(email.toUpperCase())).body.user.id).toBe(body.user.id);
  });

  it('takes no email that an erased account has or will have', async () => {
    const { user } = (await register()).body;
    for (const email of [`erased-${user.id}@erased.invalid`, 'Anyone@ERASED.invalid']) {
      const { status, body } = await register(email);
      expect([status, body.code]).toEqual([400, 'validation_failed']);
    }
  });

  it('happens once for an email, whoever comes at the same time', async () => {
    const email = newEmail();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => register(email)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('auth.email_taken');
  });

  it('again with the same Idempotency-Key is the same account, and no token is stored', async () => {
    const email = newEmail();
    const key = randomUUID();
    const first = await register(email, { 'idempotency-key': key });
    const again = await register(email, { 'idempotency-key': key });
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body.user).toEqual(first.body.user);
    expect(await statusOfMe(again.body.accessToken)).toBe(200);
    const stored = await stores.row('users', 'SELECT response FROM idempotency_keys WHERE key = $1', [key]);
    expect(stored).toEqual({ response: { userId: first.body.user.id } });
    const other = await register(newEmail(), { 'idempotency-key': key });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused']);
  });

  it.each([
    ['an unknown field', { email: newEmail(), password: PASSWORD, name: 'Ada', roles: ['admin'] }],
    ['a short password', { email: newEmail(), password: 'short', name: 'Ada' }],
    ['no email', { email: 'nobody', password: PASSWORD, name: 'Ada' }],
    ['a name with NUL', { email: newEmail(), password: PASSWORD, name: 'A\u0000da' }],
    ['a name that is no text', { email: newEmail(), password: PASSWORD, name: { first: 'Ada' } }],
  ])('refuses %s', async (_, body) => {
    const answer = await anyone.send('POST', '/v1/auth/register', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('signing in', () => {
  it('tells nobody which emails exist', async () => {
    const { body } = await register();
    const wrong = await login(body.user.email, 'a wrong password');
    const unknown = await login(newEmail());
    expect([wrong.status, wrong.body.code]).toEqual([401, 'auth.wrong_credentials']);
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
  });
});

describe('a refresh token', () => {
  it('is good for one refresh, whoever comes at the same time', async () => {
    const { body } = await register();
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(body.refreshToken)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    const next = answers.find(({ status }) => status === 200)?.body;
    expect(next?.user).toEqual(body.user);
    expect(await statusOfMe(next?.accessToken ?? '')).toBe(200);
    expect((await refresh(body.refreshToken)).body.code).toBe('auth.invalid_refresh_token');
    expect((await refresh(next?.refreshToken ?? '')).status).toBe(200);
  });

  it('is kept as a hash, and worth nothing once its session ran out', async () => {
    const { body } = await register();
    const kept = await stores.row<{ refresh_token_hash: string }>(
      'users',
      `UPDATE sessions SET expires_at = shop_now() - interval '1 second' WHERE user_id = $1 RETURNING refresh_token_hash`,
      [body.user.id],
    );
    expect(kept.refresh_token_hash).toMatch(/^[0-9a-f]{64}$/);
    const answer = await refresh(body.refreshToken);
    expect([answer.status, answer.body.code]).toEqual([401, 'auth.invalid_refresh_token']);
    expect((await refresh('never given out')).status).toBe(401);
  });
});

describe('signing out', () => {
  it('ends the session at once on every server, though it is cached', async () => {
    const { body } = await register();
    const { id } = await stores.row<{ id: string }>('users', 'SELECT id FROM sessions WHERE user_id = $1', [
      body.user.id,
    ]);
    const me = new Visitor(anyone.baseUrl, body.accessToken);
    expect([await statusOfMe(body.accessToken, 0), await statusOfMe(body.accessToken, 1)]).toEqual([200, 200]);
    expect(await stores.redis.get(`session:${id}`)).toContain(body.user.id);

    const answer = await me.send('POST', '/v1/auth/logout');
    expect([answer.status, answer.body]).toEqual([204, null]);
    expect([await statusOfMe(body.accessToken, 0), await statusOfMe(body.accessToken, 1)]).toEqual([401, 401]);
    expect(JSON.parse((await stores.redis.get(`session:${id}`)) ?? '{}')).toMatchObject({ revoked: true });
    expect(await stores.redis.ttl(`session:${id}`)).toBeGreaterThan(86_000);
    expect((await refresh(body.refreshToken)).status).toBe(401);
    expect((await me.send('POST', '/v1/auth/logout')).status).toBe(401);

    await stores.redis.del(`session:${id}`);
    expect(await statusOfMe(body.accessToken)).toBe(401);
  });

  it('of another session of the same user leaves this one alone', async () => {
    const { body } = await register();
    const other = await login(body.user.email);
    await new Visitor(anyone.baseUrl, other.body.accessToken).send('POST', '/v1/auth/logout');
    expect(await statusOfMe(body.accessToken)).toBe(200);
  });
});
