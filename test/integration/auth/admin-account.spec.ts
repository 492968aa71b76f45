import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { Shop, Visitor, type Answer, type Problem } from '../../support/shop';
import { cli, Stores } from '../../support/stores';

interface Session {
  user: { id: string; roles: string[] };
  accessToken: string;
}

const shop = new Shop();
const anyone = shop.visitor(0);
const stores = new Stores();
const ofTheStack = { ADMIN_EMAIL: process.env['ADMIN_EMAIL'], ADMIN_PASSWORD: process.env['ADMIN_PASSWORD'] };

afterAll(() => {
  Object.assign(process.env, ofTheStack);
  stores.close();
});

function login(email: string, password: string): Promise<Answer<Session & Problem>> {
  return anyone.send('POST', '/v1/auth/login', { email, password });
}

async function enrol(visitor: Visitor, password: string): Promise<void> {
  const { secret } = await visitor.post<{ secret: string }>('/v1/auth/two-factor', { password });
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  await visitor.post('/v1/auth/two-factor/confirm', { code });
}

const NEXT = 'an ocean of quiet ink';

/** What a deployment runs, by this email and password. */
async function deploy(email: string, password: string, ...args: string[]): Promise<void> {
  Object.assign(process.env, { ADMIN_EMAIL: email, ADMIN_PASSWORD: password });
  await cli('create-admin', 0, args);
}

describe('the admin of the command line', () => {
  it('is made once: later deployments leave the account alone, and its password is set anew when that is asked', async () => {
    const email = `admin-${randomUUID()}@example.com`;
    await deploy(email, 'the first of passwords');
    const first = await login(email, 'the first of passwords');
    expect(first.body.user.roles).toContain('admin');
    const admin = new Visitor(anyone.baseUrl, first.body.accessToken);
    expect((await admin.get<{ emailVerified: boolean }>('/v1/users/me')).emailVerified).toBe(true);

    await deploy(email, NEXT);
    expect((await login(email, NEXT)).status).toBe(401);
    expect((await admin.send('GET', '/v1/admin/users')).status).toBe(200);

    await deploy(email, NEXT, '--reset-password');
    expect((await login(email, NEXT)).status).toBe(200);
    expect((await admin.send('GET', '/v1/admin/users')).status).toBe(401);
  }, 120_000);

  it('takes an account over that a stranger registered before, without their password, sessions and second factor', async () => {
    const email = `admin-${randomUUID()}@example.com`;
    const account = { email, password: 'correct horse battery', name: 'A stranger' };
    const { accessToken } = await anyone.post<Session>('/v1/auth/register', account);
    const stranger = new Visitor(anyone.baseUrl, accessToken);
    await enrol(stranger, account.password);
    await deploy(email, NEXT);
    expect((await stranger.send('GET', '/v1/users/me')).status).toBe(401);
    expect((await login(email, account.password)).status).toBe(401);
    const admin = await login(email, NEXT);
    expect([admin.status, admin.body.user.roles.includes('admin')]).toEqual([200, true]);

    // The admin's own stays, whatever the deployment says, until the command takes it away.
    await enrol(new Visitor(anyone.baseUrl, admin.body.accessToken), NEXT);
    await deploy(email, 'yet another password', '--reset-password');
    const asked = await login(email, 'yet another password');
    expect(asked.body.code).toBe('auth.second_factor_required');
    await cli('remove-second-factor', 0, [email]);
    const without = await login(email, 'yet another password');
    expect(without.status).toBe(200);
    await expect(cli('remove-second-factor', 0, [email])).rejects.toThrow(/no second factor/);
  }, 120_000);
});
