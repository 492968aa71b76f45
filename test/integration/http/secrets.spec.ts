import { randomBytes, randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Settings } from '../../../src/settings/settings';
import { eventually } from '../../support/eventually';
import { OwnServer } from '../../support/own-server';
import { Shop, Visitor } from '../../support/shop';

const canary = () => `canary-${randomBytes(12).toString('hex')}`;

/** The password of a URL, or the setting itself. */
function secretIn(value: string): string {
  return URL.canParse(value) && value.includes('://') ? new URL(value).password : value;
}

/** A server whose every secret is known here, at its most talkative, and with half of its neighbours away. */
describe('secrets', () => {
  const shop = new Shop();
  const folder = mkdtempSync(join(tmpdir(), 'tradepost-secrets-'));
  const away = (scheme: string, path = '') => `${scheme}://canary:${canary()}@127.0.0.1:9${path}`;
  const inFiles: Record<string, string> = {
    JWT_SECRET: `${canary()}${canary()}`,
    JWT_ACCEPTED_SECRETS: `${canary()}${canary()}`,
    DATA_ENCRYPTION_KEY: process.env['DATA_ENCRYPTION_KEY'] ?? '',
    ADMIN_PASSWORD: canary(),
    PAYMENT_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    USERS_DATABASE_URL: process.env['USERS_DATABASE_URL'] ?? '',
    PRODUCTS_DATABASE_URL: process.env['PRODUCTS_DATABASE_URL'] ?? '',
    ORDERS_DATABASE_URL: process.env['ORDERS_DATABASE_URL'] ?? '',
    REDIS_URL: away('redis'),
    MONGO_URL: away('mongodb', '/tradepost'),
    SMTP_URL: away('smtp'),
    SMS_URL: away('http', '/sms'),
    PAYMENT_PROVIDER_URL: away('http'),
  };
  const secrets = Object.entries(inFiles).map(([name, value]): [string, string] => [name, secretIn(value)]);
  const answers: string[] = [];
  let server: OwnServer;

  /** The settings by their files; empty variables count as not given. */
  function environment(): Record<string, string> {
    const env: Record<string, string> = { LOG_LEVEL: 'debug', SERVER_DB_POOL: '4' };
    for (const [name, value] of Object.entries(inFiles)) {
      env[name] = '';
      env[`${name}_FILE`] = join(folder, name);
      writeFileSync(join(folder, name), `${value}\n`);
    }
    return env;
  }

  beforeAll(async () => {
    const port = Number(new URL(shop.stack.apiUrls[0] ?? '').port) + 26;
    server = await OwnServer.start(port, environment());
  }, 150_000);

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  async function send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const response = await fetch(`${server.visitor.baseUrl}${path}`, {
      method,
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await response.text();
    answers.push(`${response.status} ${JSON.stringify(Object.fromEntries(response.headers))} ${text}`);
    return text;
  }

  it('are all that the settings know of', () => {
    const described = new Settings(Settings.REQUIRED_FOR_DESCRIPTION).described;
    const names = described.filter(({ isSecret }) => isSecret).map(({ name }) => name);
    expect(Object.keys(inFiles).sort()).toEqual(names.sort());
    for (const [name, secret] of secrets) expect([name, secret.length > 10]).toEqual([name, true]);
  });

  it('are in no log line and no answer', async () => {
    const email = `secretive-${randomUUID()}@example.com`;
    const password = canary();
    await send('POST', '/v1/auth/register', { email, password, name: 'Ada Example' });
    const session: { accessToken: string; refreshToken: string } = JSON.parse(
      await send('POST', '/v1/auth/login', { email, password }),
    );
    const { accessToken, refreshToken } = session;
    const signedIn = { authorization: `Bearer ${accessToken}` };
    // Sessions' own answers tell tokens; nothing after them may.
    answers.length = 0;
    const resetToken = canary();
    await send('POST', '/v1/auth/login', { email, password: `${password}-wrong` });
    await send('POST', '/v1/auth/password/reset', { token: resetToken, password: `${password}-new` });
    await send('POST', '/v1/auth/refresh', { refreshToken: `${refreshToken}x` });
    await send('POST', '/v1/auth/login', { email, password: [password] });
    await send('GET', `/v1/users/me?token=${accessToken}`, undefined, signedIn);
    await send('GET', '/v1/users/me', undefined, { authorization: `Bearer ${accessToken}x` });
    await send('GET', '/v1/orders', undefined, signedIn);
    await send('GET', `/v1/orders/${randomUUID()}`, undefined, signedIn);
    await send('POST', '/v1/webhooks/payments/sandbox', { type: 'nothing' }, { 'webhook-signature': 'v1,nothing' });
    await send('GET', '/health/ready');
    await send('GET', '/metrics');
    await send('POST', '/v1/auth/logout', undefined, signedIn);
    expect(answers.length).toBe(12);
    // What is away was tried: that is when addresses are told.
    await eventually('the log to tell of what is away', () =>
      Promise.resolve(/ECONNREFUSED|without Redis/.test(server.log())),
    );
    const said = `${server.log()}\n${answers.join('\n')}`;
    expect(said).toContain('own-');
    const own: [string, string][] = [
      ['password', password],
      ['access token', accessToken.split('.')[2] ?? ''],
      ['refresh token', refreshToken],
      ['reset token', resetToken],
    ];
    for (const [name, secret] of [...secrets, ...own]) {
      expect({ name, isTold: said.includes(secret) }).toEqual({ name, isTold: false });
    }
  }, 60_000);

  it('are not told either when a server cannot start', () => {
    const env = {
      ...process.env,
      ...environment(),
      JWT_SECRET: canary(),
      SERVER_DB_POOL: 'a-few',
      MONGO_URL_FILE: canary(),
    };
    const started = spawnSync(process.execPath, [join(__dirname, '../../../dist/src/cluster.js')], {
      env,
      encoding: 'utf8',
    });
    expect(started.status).toBe(78);
    expect(started.stdout).toBe('');
    expect(
      started.stderr
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    ).toEqual([
      'SERVER_DB_POOL must be integer from 4 to 90',
      'MONGO_URL_FILE names a file that is not there or cannot be read',
      'JWT_SECRET and JWT_SECRET_FILE are both given: one of them must go',
    ]);
    for (const secret of [env.JWT_SECRET, env.MONGO_URL_FILE]) expect(started.stderr).not.toContain(secret);
  }, 30_000);

  it('from files are taken by a command of the local stack too', () => {
    const file = join(folder, 'JWT_SECRET');
    const ended = spawnSync(process.execPath, [join(__dirname, '../../../local/cli.mjs'), 'expire-holds'], {
      env: { ...process.env, JWT_SECRET: '', JWT_SECRET_FILE: file },
      encoding: 'utf8',
    });
    expect(ended).toMatchObject({ status: 0, stderr: expect.not.stringContaining('both given') });
  }, 60_000);

  it('from files are those that are used', async () => {
    const { accessToken } = await shop.visitor().post<{ accessToken: string }>('/v1/auth/login', shop.stack.admin);
    // Signed by the stack's servers, which have another secret.
    expect((await new Visitor(server.visitor.baseUrl, accessToken).send('GET', '/v1/users/me')).status).toBe(401);
  });
});
