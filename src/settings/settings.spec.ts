import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envExample } from './env-example';
import { SettingsError } from './environment.reader';
import { Settings } from './settings';

const enough = Settings.REQUIRED_FOR_DESCRIPTION;

const problemsOf = (env: Record<string, string>): string[] => problemsOfAll({ ...enough, ...env });

function problemsOfAll(env: Record<string, string>): string[] {
  try {
    new Settings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe('settings', () => {
  it('have the documented defaults', () => {
    const settings = new Settings(enough);
    expect(settings).toMatchObject({
      rateLimitPerMinute: 100,
      rateLimitScale: 1,
      reservationTtlSeconds: 600,
      archiveAfterDays: 30,
      clockOffsetSeconds: 0,
      serverDbPool: 20,
      lowStockThreshold: 5,
    });
  });

  it.each([
    ['RATE_LIMIT_PER_MINUTE', 'many'],
    ['SERVER_DB_POOL', 'a-few'],
    ['NODE_ENV', 'staging'],
    ['USERS_DATABASE_URL', 'mysql://secret-host/db'],
    ['JWT_SECRET', 'short-secret'],
    ['KAFKA_BROKERS', 'no port'],
  ])('name a wrong %s, never its value', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).not.toContain(value);
  });

  it('name all that is missing at once', () => {
    expect(() => new Settings({})).toThrow(/USERS_DATABASE_URL[\s\S]*JWT_SECRET/);
  });

  it('refuse a moved clock in production', () => {
    expect(problemsOf({ NODE_ENV: 'production', CLOCK_OFFSET_SECONDS: '60' })).toEqual([
      'CLOCK_OFFSET_SECONDS must be 0 in production',
    ]);
  });

  describe('that are secret', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tradepost-secrets-'));
    const { described } = new Settings(enough);
    const secrets = described.filter(({ isSecret }) => isSecret).map(({ name }) => name);
    const given: Readonly<Record<string, string>> = {
      ...enough,
      JWT_ACCEPTED_SECRETS: 'y'.repeat(32),
      ADMIN_PASSWORD: 'z',
    };

    function fileOf(text: string): string {
      const file = join(folder, randomUUID());
      writeFileSync(file, text);
      return file;
    }

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('are all passwords, keys and URLs of other parts', () => {
      expect(secrets).toEqual([
        'USERS_DATABASE_URL',
        'PRODUCTS_DATABASE_URL',
        'ORDERS_DATABASE_URL',
        'MONGO_URL',
        'REDIS_URL',
        'JWT_SECRET',
        'JWT_ACCEPTED_SECRETS',
        'DATA_ENCRYPTION_KEY',
        'ADMIN_PASSWORD',
        'PAYMENT_PROVIDER_URL',
        'PAYMENT_WEBHOOK_SECRET',
        'SMTP_URL',
        'SMS_URL',
      ]);
      const looksSecret = described.filter(({ name }) => /SECRET|PASSWORD|KEY|TOKEN|_URL$/.test(name));
      const unmarked = looksSecret.filter(({ isSecret }) => !isSecret).map(({ name }) => name);
      expect(unmarked).toEqual(['PUBLIC_URL']);
    });

    it.each(secrets)('may be in a file: %s', (name) => {
      const { [name]: value = '', ...others } = given;
      const read = new Settings({ ...others, [`${name}_FILE`]: fileOf(`${value}\n`) });
      const { described: ofFile, ...fromFile } = read;
      const { described: ofVariable, ...fromVariable } = new Settings(given);
      expect(value).not.toBe('');
      expect(fromFile).toEqual(fromVariable);
      expect(ofFile).toEqual(ofVariable);
    });

    it.each(secrets)('are refused when file and variable are both given: %s', (name) => {
      const value = given[name] ?? '';
      const problems = problemsOf({ [name]: value, [`${name}_FILE`]: fileOf(value) });
      expect(problems).toEqual([`${name} and ${name}_FILE are both given: one of them must go`]);
    });

    it('are told of in one line when their file is missing or empty, without its name', () => {
      const { JWT_SECRET: _, ...others } = enough;
      const problems = (file: string) => problemsOfAll({ ...others, JWT_SECRET_FILE: file });
      expect(problems(join(folder, 'nowhere'))).toEqual([
        'JWT_SECRET_FILE names a file that is not there or cannot be read',
      ]);
      expect(problems(fileOf(''))).toEqual(['JWT_SECRET_FILE names an empty file']);
      expect(problems(fileOf('short-one'))).toEqual(['JWT_SECRET must have at least 32 characters']);
      expect(problemsOf({ SERVER_NAME_FILE: '/nowhere' })).toEqual([]);
    });
  });

  it('are what .env.example lists', () => {
    const written = readFileSync(join(__dirname, '../../.env.example'), 'utf8');
    expect(written).toBe(envExample(new Settings(enough).described));
  });
});
