import type { EnvironmentReader } from './environment.reader';

/** How many requests and streams are taken, and of pages from where. */
export function readHttpSettings(read: EnvironmentReader) {
  const rateLimitPerMinute = read.integer('RATE_LIMIT_PER_MINUTE', {
    default: 100,
    min: 1,
    max: 1_000_000,
    meaning: 'Requests a minute for one address (and one user) on one endpoint',
  });
  const rateLimitSensitivePerMinute = read.integer('RATE_LIMIT_SENSITIVE_PER_MINUTE', {
    default: 20,
    min: 1,
    max: 1_000_000,
    meaning:
      'The same where someone may be guessing: signing in, resetting passwords, codes; never more than elsewhere',
  });
  const rateLimitCataloguePerMinute = read.integer('RATE_LIMIT_CATALOGUE_PER_MINUTE', {
    default: rateLimitPerMinute,
    shownDefault: 'as RATE_LIMIT_PER_MINUTE',
    min: 1,
    max: 1_000_000,
    meaning: 'The same for reading products and categories',
  });
  const rateLimitScale = read.number('RATE_LIMIT_SCALE', {
    default: 1,
    min: 0.01,
    max: 1_000_000,
    meaning: 'Multiplies every limit, logins too: for tests and benchmarks',
  });
  const corsOrigins = read
    .text('CORS_ORIGINS', {
      default: '',
      pattern: /^$|^https?:\/\/[^\s,/*]+(,https?:\/\/[^\s,/*]+)*$/,
      meaning: 'Origins whose pages may call the API, as https://shop.example, with commas; none without it',
    })
    .split(',')
    .filter((origin) => origin !== '');
  return {
    corsOrigins,
    rateLimitPerMinute,
    rateLimitSensitivePerMinute,
    rateLimitCataloguePerMinute,
    rateLimitScale,
    orderStreams: read.integer('ORDER_STREAMS', {
      default: 500,
      min: 1,
      max: 10_000,
      meaning: 'Open streams of orders that one HTTP worker holds; more are answered 503',
    }),
    orderStreamSeconds: read.integer('ORDER_STREAM_SECONDS', {
      default: 600,
      min: 1,
      max: 3000,
      meaning: 'A stream of an order ends after this long, in seconds; its client comes back and goes on',
    }),
  };
}
