import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExample } from './env-example';
import { SettingsError } from './environment.reader';
import { Settings } from './settings';

const enough = Settings.REQUIRED_FOR_DESCRIPTION;

function problemsOf(env: Record<string, string>): string[] {
  try {
    new Settings({ ...enough, ...env });
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

  it('are what .env.example lists', () => {
    const written = readFileSync(join(__dirname, '../../.env.example'), 'utf8');
    expect(written).toBe(envExample(new Settings(enough).described));
  });
});
