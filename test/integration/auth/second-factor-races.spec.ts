import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { Client } from 'pg';
import { eventually } from '../../support/eventually';
import { Shop, Visitor } from '../../support/shop';
import { readStack } from '../../support/stack';
import { Stores } from '../../support/stores';

const PASSWORD = 'correct horse battery';
const shop = new Shop();
const stores = new Stores();

interface Session {
  user: { id: string };
  accessToken: string;
}

/** What each of the two does is done here by hand, so that the other one comes in its midst. */
describe('a sign-in without a code, while a second factor is confirmed', () => {
  const email = () => `race-${randomUUID()}@example.com`;
  let byHand: Client;

  beforeEach(async () => {
    byHand = new Client({ connectionString: readStack().postgres.users });
    await byHand.connect();
    await byHand.query('BEGIN');
  });

  afterEach(() => byHand.end());
  afterAll(() => stores.close());

  async function register(address: string): Promise<{ userId: string; visitor: Visitor }> {
    const account = { email: address, password: PASSWORD, name: 'Ada Example' };
    const { user, accessToken } = await shop.visitor(0).post<Session>('/v1/auth/register', account);
    return { userId: user.id, visitor: new Visitor(shop.visitor(0).baseUrl, accessToken) };
  }

  async function someoneWaits(): Promise<void> {
    const { rows } = await byHand.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await eventually('someone to wait for the row', async () => {
      const text = 'SELECT pid FROM pg_stat_activity WHERE $1::int = ANY(pg_blocking_pids(pid))';
      return (await stores.rows('users', text, [rows[0]?.pid])).length > 0;
    });
  }

  it('that asks before and writes afterwards gets no session', async () => {
    const address = email();
    const { userId } = await register(address);
    await byHand.query('SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
    const login = shop.visitor(1).send('POST', '/v1/auth/login', { email: address, password: PASSWORD });
    await someoneWaits();
    await byHand.query(
      `INSERT INTO second_factors (user_id, sealed_secret, confirmed_at) VALUES ($1, 'x', shop_now())`,
      [userId],
    );
    await byHand.query('COMMIT');
    expect((await login).status).toBe(401);
    expect(await stores.rows('users', 'SELECT 1 FROM sessions WHERE user_id = $1', [userId])).toHaveLength(1);
  });

  it('that writes before has its session ended', async () => {
    const { userId, visitor } = await register(email());
    const { secret } = await visitor.post<{ secret: string }>('/v1/auth/two-factor', { password: PASSWORD });
    await byHand.query('SELECT id FROM users WHERE id = $1 FOR SHARE', [userId]);
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const confirmed = visitor.send('POST', '/v1/auth/two-factor/confirm', { code });
    await someoneWaits();
    const id = randomUUID();
    await byHand.query(
      `INSERT INTO sessions (id, user_id, refresh_token_hash, expires_at)
       VALUES ($1, $2, $3, shop_now() + interval '1 day')`,
      [id, userId, id],
    );
    await byHand.query('COMMIT');
    expect((await confirmed).status).toBe(200);
    const { revoked_at: endedAt } = await stores.row<{ revoked_at: Date | null }>(
      'users',
      'SELECT revoked_at FROM sessions WHERE id = $1',
      [id],
    );
    expect(endedAt).not.toBeNull();
  });
});
