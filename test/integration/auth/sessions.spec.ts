import { randomUUID } from 'node:crypto';
import { wholeAgain } from '../../support/outage';
import { Shop, Visitor, type Answer, type Problem } from '../../support/shop';
import { Stores, stackCommand } from '../../support/stores';

interface Session {
  user: { id: string; email: string };
  accessToken: string;
  refreshToken: string;
}

interface SessionList {
  items: { id: string; userAgent: string | null; ipPrefix: string | null; current: boolean; lastUsedAt: string }[];
  page: { nextCursor: string | null };
}

const PASSWORD = 'correct horse battery';
const shop = new Shop();
const stores = new Stores();
const anyone = shop.visitor(0);

afterAll(() => stores.close());

function register(): Promise<Session> {
  const account = { email: `sessions-${randomUUID()}@example.com`, password: PASSWORD, name: 'Ada Example' };
  return anyone.post<Session>('/v1/auth/register', account);
}

async function signIn(email: string, userAgent = 'Phone'): Promise<Visitor> {
  const body = { email, password: PASSWORD };
  const answer = await anyone.send<Session>('POST', '/v1/auth/login', body, { 'user-agent': userAgent });
  return new Visitor(anyone.baseUrl, answer.body.accessToken, answer.body.user.id, email);
}

function refresh(refreshToken: string, server = 0): Promise<Answer<Session & Problem>> {
  return shop.visitor(server).send('POST', '/v1/auth/refresh', { refreshToken });
}

const statusOfMe = async (accessToken = '', server = 0) =>
  (await new Visitor(shop.visitor(server).baseUrl, accessToken).send('GET', '/v1/users/me')).status;

/** As if that long had passed since the tokens of this user were exchanged. */
const exchangedAgo = (userId: string, seconds: number) =>
  stores.rows(
    'users',
    `UPDATE spent_refresh_tokens SET spent_at = spent_at - make_interval(secs => $2)
     WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
    [userId, seconds],
  );

describe('a refresh token that was exchanged, shown again', () => {
  it('ends its session on every server at once', async () => {
    const first = await register();
    const other = await signIn(first.user.email);
    const second = (await refresh(first.refreshToken)).body;
    expect([await statusOfMe(second.accessToken, 0), await statusOfMe(second.accessToken, 1)]).toEqual([200, 200]);
    await exchangedAgo(first.user.id, 11);

    const replayed = await refresh(first.refreshToken);
    expect([replayed.status, replayed.body.code]).toEqual([401, 'auth.invalid_refresh_token']);
    expect([await statusOfMe(second.accessToken, 0), await statusOfMe(second.accessToken, 1)]).toEqual([401, 401]);
    expect((await refresh(second.refreshToken)).status).toBe(401);
    expect(await statusOfMe(other.token)).toBe(200);
  });

  it('is only refused when it is the last one, a moment ago: two tabs, or an answer that was lost', async () => {
    const first = await register();
    const second = (await refresh(first.refreshToken)).body;
    expect((await refresh(first.refreshToken, 1)).status).toBe(401);
    expect(await statusOfMe(second.accessToken)).toBe(200);
    expect((await refresh(second.refreshToken)).status).toBe(200);
  });

  it('ends its session when it is an older one, however soon', async () => {
    const first = await register();
    const second = (await refresh(first.refreshToken)).body;
    const third = (await refresh(second.refreshToken)).body;
    expect((await refresh(first.refreshToken)).status).toBe(401);
    expect(await statusOfMe(third.accessToken)).toBe(401);
  });

  it('never given out, it ends nothing', async () => {
    const { user, accessToken } = await register();
    const { id } = await stores.row<{ id: string }>('users', 'SELECT id FROM sessions WHERE user_id = $1', [user.id]);
    expect((await refresh(id)).status).toBe(401);
    expect(await statusOfMe(accessToken)).toBe(200);
  });
});

describe('the list of sessions', () => {
  it('tells which is which, page by page', async () => {
    const { user } = await register();
    const phone = await signIn(user.email, 'Phone');
    const tablet = await signIn(user.email, 'Tablet');
    const first = await tablet.send<SessionList>('GET', '/v1/auth/sessions?limit=2');
    expect(first.body.items).toMatchObject([
      { userAgent: 'Tablet', ipPrefix: '127.0.0.0/24', current: true },
      { userAgent: 'Phone', ipPrefix: '127.0.0.0/24', current: false },
    ]);
    expect(first.headers.get('link')).toContain('rel="next"');
    const rest = await phone.get<SessionList>(`/v1/auth/sessions?cursor=${first.body.page.nextCursor}`);
    expect(rest.items).toHaveLength(1);
    expect(rest.page.nextCursor).toBeNull();
    expect(JSON.stringify([first.body, rest])).not.toMatch(/[0-9a-f]{64}/);
  });

  it('has none that ended', async () => {
    const { user } = await register();
    const phone = await signIn(user.email);
    const { items } = await phone.get<SessionList>('/v1/auth/sessions');
    const registered = items.find(({ current }) => !current);
    expect((await phone.send('DELETE', `/v1/auth/sessions/${registered?.id}`)).status).toBe(204);
    expect((await phone.get<SessionList>('/v1/auth/sessions')).items).toMatchObject([{ current: true }]);
    expect((await phone.send('DELETE', `/v1/auth/sessions/${registered?.id}`)).status).toBe(404);
  });
});

describe('ending another session', () => {
  const idOf = async (visitor: Visitor) => {
    const { items } = await visitor.get<SessionList>('/v1/auth/sessions');
    return items.find(({ current }) => current)?.id ?? '';
  };

  it('is effective with the next request on every server', async () => {
    const { user } = await register();
    const [phone, tablet] = [await signIn(user.email), await signIn(user.email)];
    expect([await statusOfMe(phone.token, 0), await statusOfMe(phone.token, 1)]).toEqual([200, 200]);
    const ended = await tablet.send('DELETE', `/v1/auth/sessions/${await idOf(phone)}`);
    expect([ended.status, ended.body]).toEqual([204, null]);
    expect([await statusOfMe(phone.token, 0), await statusOfMe(phone.token, 1)]).toEqual([401, 401]);
    expect(await statusOfMe(tablet.token)).toBe(200);
  });

  it('of someone else, or that never was, is 404', async () => {
    const [mine, theirs] = await Promise.all([shop.customer(0), shop.customer(0)]);
    for (const id of [await idOf(theirs), randomUUID()]) {
      const answer = await mine.send('DELETE', `/v1/auth/sessions/${id}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'auth.session_not_found']);
    }
    expect((await mine.send('DELETE', '/v1/auth/sessions/mine')).status).toBe(400);
    expect(await statusOfMe(theirs.token)).toBe(200);
  });

  it('is effective without Redis, and stays so when it is back', async () => {
    const { user } = await register();
    const [phone, tablet] = [await signIn(user.email), await signIn(user.email)];
    const id = await idOf(phone);
    expect([await statusOfMe(phone.token, 0), await statusOfMe(phone.token, 1)]).toEqual([200, 200]);
    await stackCommand('stop', 'redis');
    try {
      expect((await tablet.send('DELETE', `/v1/auth/sessions/${id}`)).status).toBe(204);
      expect([await statusOfMe(phone.token, 0), await statusOfMe(phone.token, 1)]).toEqual([401, 401]);
    } finally {
      await stackCommand('start', 'redis');
    }
    expect([await statusOfMe(phone.token, 0), await statusOfMe(phone.token, 1)]).toEqual([401, 401]);
    await wholeAgain();
    expect([await statusOfMe(phone.token, 0), await statusOfMe(phone.token, 1)]).toEqual([401, 401]);
  }, 60_000);
});
