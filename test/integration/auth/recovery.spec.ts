import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { mailedTokens, mailsTo } from '../../support/mailbox';
import { Shop, Visitor, type Answer, type Problem } from '../../support/shop';
import { readStack } from '../../support/stack';
import { Stores } from '../../support/stores';

interface Session {
  user: { id: string; email: string };
  accessToken: string;
  refreshToken: string;
}

const PASSWORD = 'correct horse battery';
const OTHER_PASSWORD = 'an ocean of quiet ink';
const RESET = /^Set a new password$/;
const TOKENS = `SELECT 1 FROM account_tokens WHERE user_id = $1 AND purpose = 'password_reset'`;
const VERIFY = /verify your email/;

const shop = new Shop();
const stores = new Stores();
const anyone = shop.visitor(0);

afterAll(() => stores.close());

async function register(): Promise<Session> {
  const account = { email: `recovery-${randomUUID()}@example.com`, password: PASSWORD, name: 'Ada Example' };
  return anyone.post<Session>('/v1/auth/register', account);
}

const login = (email: string, password: string): Promise<Answer<Session & Problem>> =>
  anyone.send('POST', '/v1/auth/login', { email, password });
const forgot = (email: string) => anyone.send('POST', '/v1/auth/password/forgot', { email });
const reset = (token: string, password = OTHER_PASSWORD, server = 0) =>
  shop.visitor(server).send('POST', '/v1/auth/password/reset', { token, password });
const meOf = (token: string, server = 0) =>
  new Visitor(shop.visitor(server).baseUrl, token).send<{ emailVerified: boolean }>('GET', '/v1/users/me');

async function resetTokenOf(email: string): Promise<string> {
  expect((await forgot(email)).status).toBe(202);
  return (await mailedTokens(email, RESET))[0] ?? '';
}

describe('a forgotten password', () => {
  it('is set anew by the mailed token, which ends all sessions on every server', async () => {
    const { user, accessToken, refreshToken } = await register();
    expect([(await meOf(accessToken, 0)).status, (await meOf(accessToken, 1)).status]).toEqual([200, 200]);
    const token = await resetTokenOf(user.email);
    const answer = await reset(token);
    expect([answer.status, answer.body]).toEqual([204, null]);
    expect([(await meOf(accessToken, 0)).status, (await meOf(accessToken, 1)).status]).toEqual([401, 401]);
    expect((await anyone.send('POST', '/v1/auth/refresh', { refreshToken })).status).toBe(401);
    expect((await login(user.email, PASSWORD)).status).toBe(401);
    const signedIn = await login(user.email, OTHER_PASSWORD);
    expect(signedIn.status).toBe(200);
    // Who has the mailed token reads that mailbox.
    expect((await meOf(signedIn.body.accessToken)).body.emailVerified).toBe(true);
  });

  it('is set once by a token, whoever comes at the same time', async () => {
    const token = await resetTokenOf((await register()).user.email);
    const answers = await Promise.all([0, 1, 0, 1].map((server) => reset(token, OTHER_PASSWORD, server)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400, 400, 400]);
    expect(answers.find(({ status }) => status === 400)?.body.code).toBe('auth.invalid_token');
  });

  it('is not set by an older token of the same user, nor after an hour, nor by a made-up one', async () => {
    const { user } = await register();
    await forgot(user.email);
    await forgot(user.email);
    const [first = '', second = ''] = await mailedTokens(user.email, RESET, 2);
    expect((await reset(second)).status).toBe(204);
    expect((await reset(first)).status).toBe(400);

    const late = await register();
    const token = await resetTokenOf(late.user.email);
    const { hours } = await stores.row<{ hours: number }>(
      'users',
      `UPDATE account_tokens SET expires_at = shop_now()
       WHERE user_id = $1 AND purpose = 'password_reset'
       RETURNING extract(epoch FROM expires_at - created_at)::int AS hours`,
      [late.user.id],
    );
    expect(hours).toBeLessThan(3600);
    expect((await reset(token)).status).toBe(400);
    expect((await reset('made-up')).status).toBe(400);
    expect((await login(late.user.email, PASSWORD)).status).toBe(200);
  });

  it('refused as a new password leaves the token as it was', async () => {
    const { user } = await register();
    const token = await resetTokenOf(user.email);
    for (const password of ['short', 'Password123!', `x-${user.email.split('@')[0]}`]) {
      const answer = await reset(token, password);
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    }
    expect((await reset(token)).status).toBe(204);
  });

  it('does not verify an email by its token, nor the other way round', async () => {
    const { user } = await register();
    const [verification = ''] = await mailedTokens(user.email, VERIFY);
    expect((await reset(verification)).status).toBe(400);
    const token = await resetTokenOf(user.email);
    expect((await anyone.send('POST', '/v1/auth/email/verify', { token })).status).toBe(400);
  });

  it('tells nobody which emails exist: the answer and its time are the same', async () => {
    const { user } = await register();
    const unknown = `nobody-${randomUUID()}@example.com`;
    const timed = async (email: string) => {
      const started = performance.now();
      const { status, body, headers } = await forgot(email);
      return { answer: [status, body, headers.get('content-length')], ms: performance.now() - started };
    };
    const known: number[] = [];
    const strange: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const [a, b] = [await timed(user.email), await timed(unknown)];
      expect(a.answer).toEqual(b.answer);
      known.push(a.ms);
      strange.push(b.ms);
    }
    const median = (times: number[]) => times.sort((a, b) => a - b)[times.length / 2] ?? 0;
    expect(Math.min(...known, ...strange)).toBeGreaterThan(190);
    expect(Math.abs(median(known) - median(strange))).toBeLessThan(25);
    expect(await mailsTo(unknown, /./)).toEqual([]);
  });

  it('nor when the work takes long: the mail follows', async () => {
    const { user } = await register();
    const byHand = new Client({ connectionString: readStack().postgres.users });
    await byHand.connect();
    try {
      await byHand.query('BEGIN');
      // A token refers to its user.
      await byHand.query('SELECT id FROM users WHERE id = $1 FOR UPDATE', [user.id]);
      expect((await forgot(user.email)).status).toBe(202);
      expect(await stores.rows('users', TOKENS, [user.id])).toEqual([]);
      await byHand.query('COMMIT');
      expect(await mailedTokens(user.email, RESET)).toHaveLength(1);
    } finally {
      await byHand.end();
    }
  });

  it('leaves its token in clear nowhere: hashed in its table, sealed in the mail that waits, in no event', async () => {
    const { user } = await register();
    const token = await resetTokenOf(user.email);
    const rows = await stores.rows('users', 'SELECT * FROM account_tokens WHERE user_id = $1', [user.id]);
    const mails = await stores.rows('users', 'SELECT * FROM notifications WHERE user_id = $1', [user.id]);
    expect([rows.length, mails.length]).toEqual([2, 2]);
    expect(JSON.stringify([rows, mails])).not.toContain(token);
    expect(JSON.stringify(mails)).not.toContain('#token=');
    const events = await stores.rows('users', `SELECT 1 FROM outbox WHERE data->>'userId' = $1`, [user.id]);
    expect(events).toEqual([]);
  });

  it('lets nobody in who showed the old one while it was changed', async () => {
    const { user } = await register();
    const token = await resetTokenOf(user.email);
    const [changed, ...logins] = await Promise.all([
      reset(token),
      ...Array.from({ length: 8 }, (_, i) => {
        const credentials = { email: user.email, password: PASSWORD };
        return shop.visitor(i % 2).send<Session>('POST', '/v1/auth/login', credentials);
      }),
    ]);
    expect(changed.status).toBe(204);
    for (const { status, body } of logins) {
      if (status === 200) expect((await meOf(body.accessToken)).status).toBe(401);
      else expect(status).toBe(401);
    }
  });
});

describe('an email', () => {
  it('is verified by the mail of the registration, once', async () => {
    const { user, accessToken } = await register();
    expect((await meOf(accessToken)).body.emailVerified).toBe(false);
    const [token = ''] = await mailedTokens(user.email, VERIFY);
    const answer = await shop.visitor(1).send('POST', '/v1/auth/email/verify', { token });
    expect([answer.status, answer.body]).toEqual([204, null]);
    expect((await meOf(accessToken)).body.emailVerified).toBe(true);
    expect((await anyone.send('POST', '/v1/auth/email/verify', { token })).body.code).toBe('auth.invalid_token');
  });

  it('is sent the token again, until it is verified', async () => {
    const { user, accessToken } = await register();
    const me = new Visitor(anyone.baseUrl, accessToken);
    expect((await me.send('POST', '/v1/auth/email/verification')).status).toBe(202);
    const [, second = ''] = await mailedTokens(user.email, VERIFY, 2);
    expect((await anyone.send('POST', '/v1/auth/email/verify', { token: second })).status).toBe(204);
    expect((await me.send('POST', '/v1/auth/email/verification')).status).toBe(202);
    const queued = await stores.rows('users', 'SELECT 1 FROM notifications WHERE user_id = $1', [user.id]);
    expect(queued).toHaveLength(2);
  });
});

describe('a new password', () => {
  it.each<[string, string, RegExp]>([
    ['is too short', 'nine char', /10/],
    ['is too long', 'x1'.repeat(65), /128/],
    ['is a common one', 'Basketball1987!', /common/],
    ['holds the name of the email', 'my ada.lovelace.9 secret', /email/],
  ])('that %s is refused, and told why', async (_, password, why) => {
    const body = { email: `ada.lovelace.9@${randomUUID()}.example.com`, password, name: 'Ada' };
    const answer = await anyone.send<Problem & { errors: { field: string; message: string }[] }>(
      'POST',
      '/v1/auth/register',
      body,
    );
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    expect(answer.body.errors).toEqual([
      { field: 'password', message: expect.stringMatching(why), pointer: '#/password' },
    ]);
  });
});
