import { availableParallelism } from 'node:os';
import { readAccountSettings } from './account.settings';
import { EnvironmentReader, SettingsError, type SettingDescription } from './environment.reader';
import { readHttpSettings } from './http.settings';
import { REQUIRED_FOR_DESCRIPTION } from './required-settings';
import { readWebhookSettings } from './webhook.settings';

/** What one process of a server does. `all` is for tests and small machines: HTTP and background work in one process. */
export type WorkerRole = 'http' | 'background' | 'all';

/** What a server's background worker takes at the least: the relay's connection and one for its work. */
const BACKGROUND_CONNECTIONS = 2;

const POSTGRES = ['postgres', 'postgresql'] as const;

/** Every setting of the app, read from the environment once and checked: a wrong one stops the start, by name. */
export class Settings {
  /** Values that let every setting be described without a real environment. */
  static readonly REQUIRED_FOR_DESCRIPTION = REQUIRED_FOR_DESCRIPTION;

  readonly environment: 'development' | 'test' | 'production';
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly httpWorkers: number;
  readonly workerHeapMb: number;
  readonly workerRole: WorkerRole;
  readonly requestTimeoutMs: number;

  readonly usersDatabaseUrl: string;
  readonly productsDatabaseUrl: string;
  readonly ordersDatabaseUrl: string;
  readonly serverDbPool: number;
  readonly statementTimeoutMs: number;
  readonly mongoUrl: string;
  readonly redisUrl: string;
  readonly redisCommandTimeoutMs: number;
  readonly kafkaBrokers: string[];

  readonly jwtSecret: string;
  readonly jwtAcceptedSecrets: string[];
  readonly dataEncryptionKey: string;
  readonly adminSecondFactor: 'optional' | 'required';
  readonly sessionTtlSeconds: number;
  readonly corsOrigins: string[];
  readonly rateLimitPerMinute: number;
  readonly rateLimitSensitivePerMinute: number;
  readonly rateLimitCataloguePerMinute: number;
  readonly rateLimitScale: number;
  readonly guestCartDays: number;
  readonly orderStreams: number;
  readonly orderStreamSeconds: number;

  readonly imagesDir: string;
  readonly imageMaxBytes: number;
  readonly importMaxBytes: number;

  readonly reservationTtlSeconds: number;
  readonly lowStockThreshold: number;
  readonly unpaidOrderMinutes: number;
  readonly archiveAfterDays: number;
  readonly clockOffsetSeconds: number;

  readonly paymentProviderUrl: string;
  readonly paymentWebhookSecret: string;
  readonly paymentTimeoutMs: number;
  readonly webhookHttp: 'refused' | 'allowed';
  readonly webhookPrivateHosts: string[];
  readonly smtpUrl: string;
  readonly smsUrl: string;
  readonly mailFrom: string;
  readonly adminEmail: string;
  readonly adminPassword: string;

  readonly described: readonly SettingDescription[];

  constructor(env: Readonly<Record<string, string | undefined>> = process.env) {
    const read = new EnvironmentReader(env);
    this.environment = read.choice('NODE_ENV', ['development', 'test', 'production'], {
      default: 'development',
      meaning: 'What this process is run for; production refuses what only tests need',
    });
    this.serverName = read.text('SERVER_NAME', { default: 'app1', meaning: 'Names this server in logs and metrics' });
    this.host = read.text('HOST', { default: '127.0.0.1', meaning: 'Address the server listens on' });
    this.port = read.integer('PORT', { default: 3001, min: 1, max: 65535, meaning: 'Port of the HTTP workers' });
    this.publicUrl = read.url('PUBLIC_URL', ['http', 'https'], {
      default: 'https://localhost:8443',
      meaning: 'Where customers reach the shop (Nginx); used in links and event sources',
    });
    this.logLevel = read.choice('LOG_LEVEL', ['error', 'warn', 'info', 'debug'], {
      default: 'info',
      meaning: 'Least severe level that is logged',
    });
    this.httpWorkers = read.integer('WEB_CONCURRENCY', {
      default: Math.min(availableParallelism(), 16),
      shownDefault: 'one per core',
      min: 1,
      max: 16,
      meaning: 'HTTP workers of this server',
    });
    this.workerHeapMb = read.integer('WORKER_HEAP_MB', {
      default: 256,
      min: 192,
      max: 4096,
      meaning:
        'Most MB of JavaScript objects a worker may keep (at rest it holds 90); the more, the later V8 cleans up',
    });
    this.workerRole = read.choice('WORKER_ROLE', ['http', 'background', 'all'], {
      default: 'all',
      meaning: 'Set by the cluster for its workers: requests, or consumers, relays and jobs, or all in one process',
    });
    this.requestTimeoutMs = read.integer('REQUEST_TIMEOUT_MS', {
      default: 30_000,
      min: 1000,
      max: 120_000,
      meaning:
        'A request that takes longer to arrive is cut off, one that takes longer to answer is 503, in milliseconds',
    });

    this.usersDatabaseUrl = read.url('USERS_DATABASE_URL', POSTGRES, {
      isSecret: true,
      meaning: 'users database, least-privilege role',
    });
    this.productsDatabaseUrl = read.url('PRODUCTS_DATABASE_URL', POSTGRES, {
      isSecret: true,
      meaning: 'products database, least-privilege role',
    });
    this.ordersDatabaseUrl = read.url('ORDERS_DATABASE_URL', POSTGRES, {
      isSecret: true,
      meaning: 'orders database, least-privilege role',
    });
    this.serverDbPool = read.integer('SERVER_DB_POOL', {
      default: 20,
      min: 4,
      max: 90,
      meaning: 'Connections this whole server may hold to each PostgreSQL database, all its workers together',
    });
    this.statementTimeoutMs = read.integer('STATEMENT_TIMEOUT_MS', {
      default: 10_000,
      min: 100,
      max: 600_000,
      meaning: 'PostgreSQL cancels a statement that runs longer, in milliseconds',
    });
    this.mongoUrl = read.url('MONGO_URL', ['mongodb', 'mongodb+srv'], {
      isSecret: true,
      meaning: 'MongoDB with the database name; replicaSet belongs in this URL',
    });
    this.redisUrl = read.url('REDIS_URL', ['redis', 'rediss'], {
      isSecret: true,
      meaning: 'Redis: cache, sessions, carts, rate limits',
    });
    this.redisCommandTimeoutMs = read.integer('REDIS_COMMAND_TIMEOUT_MS', {
      default: 50,
      min: 5,
      max: 5_000,
      meaning: 'Redis is done without for a while when it answers later, in milliseconds',
    });
    this.kafkaBrokers = read
      .text('KAFKA_BROKERS', {
        pattern: /^[^\s,]+:\d+(,[^\s,]+:\d+)*$/,
        meaning: 'Kafka brokers, host:port with commas',
      })
      .split(',');

    ({
      jwtSecret: this.jwtSecret,
      jwtAcceptedSecrets: this.jwtAcceptedSecrets,
      dataEncryptionKey: this.dataEncryptionKey,
      adminSecondFactor: this.adminSecondFactor,
      sessionTtlSeconds: this.sessionTtlSeconds,
      guestCartDays: this.guestCartDays,
      adminEmail: this.adminEmail,
      adminPassword: this.adminPassword,
    } = readAccountSettings(read));
    ({
      corsOrigins: this.corsOrigins,
      rateLimitPerMinute: this.rateLimitPerMinute,
      rateLimitSensitivePerMinute: this.rateLimitSensitivePerMinute,
      rateLimitCataloguePerMinute: this.rateLimitCataloguePerMinute,
      rateLimitScale: this.rateLimitScale,
      orderStreams: this.orderStreams,
      orderStreamSeconds: this.orderStreamSeconds,
    } = readHttpSettings(read));

    this.imagesDir = read.text('IMAGES_DIR', {
      default: 'images',
      meaning: 'Folder of product images, which all servers share and Nginx serves under /images/',
    });
    this.imageMaxBytes = read.integer('IMAGE_MAX_BYTES', {
      default: 10_485_760,
      min: 1024,
      max: 52_428_800,
      meaning: 'Largest image that staff may upload, in bytes; Nginx has a limit of its own',
    });
    this.importMaxBytes = read.integer('IMPORT_MAX_BYTES', {
      default: 104_857_600,
      min: 1024,
      max: 1_073_741_824,
      meaning: 'Largest file of products that staff may import, in bytes; Nginx has a limit of its own',
    });

    this.reservationTtlSeconds = read.integer('RESERVATION_TTL_SECONDS', {
      default: 600,
      min: 1,
      max: 86_400,
      meaning: 'How long a checkout holds its stock, in seconds',
    });
    this.lowStockThreshold = read.integer('LOW_STOCK_THRESHOLD', {
      default: 5,
      min: 0,
      max: 1_000_000,
      meaning: 'Stock available below this is low',
    });
    this.unpaidOrderMinutes = read.integer('UNPAID_ORDER_MINUTES', {
      default: 30,
      min: 1,
      max: 10_080,
      meaning: 'An order still unpaid this long after the first attempt that the provider answered is cancelled',
    });
    this.archiveAfterDays = read.integer('ARCHIVE_AFTER_DAYS', {
      default: 30,
      min: 0,
      max: 3650,
      meaning: 'Finished orders move to MongoDB after this many days',
    });
    this.clockOffsetSeconds = read.integer('CLOCK_OFFSET_SECONDS', {
      default: 0,
      min: -315_360_000,
      max: 315_360_000,
      meaning: "Shifts the app's one clock, in seconds: for tests; refused in production",
    });

    this.paymentProviderUrl = read.url('PAYMENT_PROVIDER_URL', ['http', 'https'], {
      isSecret: true,
      meaning: 'The sandbox payment provider',
    });
    this.paymentWebhookSecret = read.text('PAYMENT_WEBHOOK_SECRET', {
      isSecret: true,
      minLength: 16,
      meaning: "Verifies the provider's webhooks (Standard Webhooks, base64)",
    });
    this.paymentTimeoutMs = read.integer('PAYMENT_TIMEOUT_MS', {
      default: 10_000,
      min: 100,
      max: 60_000,
      meaning: 'A charge without answer after this long is unknown and asked about, in milliseconds',
    });
    const outgoing = readWebhookSettings(read, this.environment);
    this.webhookHttp = outgoing.webhookHttp;
    this.webhookPrivateHosts = outgoing.webhookPrivateHosts;
    this.smtpUrl = read.url('SMTP_URL', ['smtp', 'smtps'], { isSecret: true, meaning: 'Mail server' });
    this.smsUrl = read.url('SMS_URL', ['http', 'https'], { isSecret: true, meaning: 'SMS gateway' });
    this.mailFrom = read.text('MAIL_FROM', { default: 'Tradepost <orders@tradepost.example>', meaning: 'Mail sender' });

    if (this.environment === 'production' && this.clockOffsetSeconds !== 0) {
      read.problems.push('CLOCK_OFFSET_SECONDS must be 0 in production');
    }
    if (this.httpWorkers + BACKGROUND_CONNECTIONS > this.serverDbPool) {
      read.problems.push('SERVER_DB_POOL must leave each of WEB_CONCURRENCY workers a connection');
    }
    if (read.problems.length > 0) throw new SettingsError(read.problems);
    this.described = read.described;
  }

  get servesHttp(): boolean {
    return this.workerRole !== 'background';
  }

  get runsBackground(): boolean {
    return this.workerRole !== 'http';
  }
}
