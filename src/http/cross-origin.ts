import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What a page may send. Browsers allow a few more by themselves. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'X-Cart-Token',
  'X-Request-Id',
  'traceparent',
];

/** What a page may read of an answer. */
const ANSWER_HEADERS = [
  'Content-Disposition',
  'ETag',
  'Idempotent-Replayed',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Cart-Token',
  'X-Request-Id',
];

const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of these origins, and of no others, call the API. Without any nothing is said at all, and browsers keep
 * pages of elsewhere away from our answers.
 */
export function allowOrigins(app: NestFastifyApplication, origins: string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: origins,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: REQUEST_HEADERS,
    exposedHeaders: ANSWER_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
}
