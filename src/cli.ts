import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { isISO8601, isUUID } from 'class-validator';
import { MongoClient } from 'mongodb';
import { DataSource } from 'typeorm';
import { createHistoryIndexes, dropHistoryIndexes } from '../migrations/history/indexes';
import { AppModule } from './app.module';
import { ArchiveJob } from './archive/archive.job';
import { AuthService } from './auth/auth.service';
import { SecondFactorService } from './auth/second-factor.service';
import { CheckoutService } from './checkout/checkout.service';
import { ConsistencyService } from './consistency/consistency.service';
import { RepairService } from './consistency/repair.service';
import { exitCodeOf, readable, readableRepairs } from './consistency/report.view';
import { CONNECTIONS, type Connection } from './database/connections';
import { generateMigration } from './database/migration.generator';
import { DemoSeed } from './demo/demo.seed';
import { ImagesSweepJob } from './images/images-sweep.job';
import { buildAsyncApi } from './events/asyncapi.document';
import { buildOpenApi } from './http/openapi/api.document';
import { TopicProvisioner } from './messaging/kafka/topic.provisioner';
import { RepublishService } from './messaging/outbox/republish.service';
import { createLogger } from './observability/logger';
import { ReconciliationService } from './payments/reconciliation.service';
import { ErasureService } from './privacy/erasure.service';
import { SCHEMA } from './schema';
import { EnvironmentReader, SettingsError } from './settings/environment.reader';
import { envExample } from './settings/env-example';
import { Settings } from './settings/settings';
import { outgoingWebhooks } from './webhooks/webhooks.document';

const USAGE = `Usage: node dist/src/cli.js <command>
  migrate                       runs the migrations of all databases (needs *_DATABASE_OWNER_URL)
  prepare                       migrate, topics, create-admin and seed-demo in one go
  migration:run <connection>    users, products, orders or history
  migration:revert <connection> undoes the last one
  migration:generate <connection> <name>  a migration from the entities of users, products or orders
  topics                        makes the Kafka topics
  create-admin [--reset-password]  makes the admin of ADMIN_EMAIL and ADMIN_PASSWORD; one who is there keeps their
                                password, unless it is to be reset
  remove-second-factor <email>  takes it away from an account, and ends its sessions
  seed-demo                     fills an empty shop with a demo catalogue
  republish --since <ISO time> [--database <connection>]  publishes again what was published from then on
  archive                       runs the archive job once
  consistency [--repair] [--json] [--settled-for 120] [--days 7]  compares all stores; 1: breaches, 2: not all looked at
  env-example                   prints .env.example
  openapi                       prints clients/openapi.json
  asyncapi                      prints clients/asyncapi.json
  reconcile                     compares all payments with the provider's books, heals, and prints the cases
  sweep-images                  removes files of images that nothing refers to any more
  erase-account <user id>       as the customer would, for who can not sign in: who runs the shop has seen who asks
  erasures                      does what is due of the erasures of accounts
  expire-holds                  gives back the holds that ran out
`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Migrations run as the owner of the tables, which the servers are not. */
async function withOwner(connection: Connection, work: (source: DataSource) => Promise<void>): Promise<void> {
  const name = `${connection.toUpperCase()}_DATABASE_OWNER_URL`;
  const read = new EnvironmentReader(process.env);
  const meaning = `migrations run as the owner of the ${connection} database`;
  const url = read.url(name, ['postgres', 'postgresql'], { isSecret: true, meaning });
  if (read.problems.length > 0) throw new SettingsError(read.problems);
  const source = new DataSource({
    type: 'postgres',
    url,
    extra: { pipeline: true },
    ...SCHEMA[connection],
    migrationsTransactionMode: 'each',
  });
  await source.initialize();
  try {
    await work(source);
  } finally {
    await source.destroy();
  }
}

async function withMongo(work: (client: MongoClient) => Promise<void>): Promise<void> {
  const client = await MongoClient.connect(new Settings().mongoUrl);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

async function runMigrations(connection: string): Promise<void> {
  if (connection === 'history') return withMongo((client) => createHistoryIndexes(client.db()));
  await withOwner(connectionNamed(connection), async (source) => {
    const done = await source.runMigrations();
    say(`${connection}: ${done.length === 0 ? 'up to date' : done.map((migration) => migration.name).join(', ')}`);
  });
}

async function revertMigration(connection: string): Promise<void> {
  if (connection === 'history') return withMongo((client) => dropHistoryIndexes(client.db()));
  await withOwner(connectionNamed(connection), (source) => source.undoLastMigration());
}

function connectionNamed(name: string): Connection {
  const connection = CONNECTIONS.find((known) => known === name);
  if (!connection) throw new SettingsError([`there is no connection ${name}: ${CONNECTIONS.join(', ')} or history`]);
  return connection;
}

async function migrateAll(): Promise<void> {
  for (const connection of [...CONNECTIONS, 'history']) await runMigrations(connection);
}

function createAdmin(app: INestApplicationContext, resetPassword = false): Promise<unknown> {
  const { adminEmail, adminPassword } = app.get(Settings);
  if (!adminEmail || !adminPassword) throw new SettingsError(['ADMIN_EMAIL and ADMIN_PASSWORD are missing']);
  return app.get(AuthService).createAdmin(adminEmail, adminPassword, resetPassword);
}

function userIdIn(argument: string | undefined): string {
  if (argument !== undefined && isUUID(argument)) return argument;
  throw new SettingsError([`${argument ?? 'nothing'} is not the id of a user`]);
}

function readsReset(args: string[]): boolean {
  const options = { 'reset-password': { type: 'boolean', default: false } } as const;
  return parseArgs({ args, options }).values['reset-password'];
}

/** After Kafka lost its disk. */
async function republish(args: string[]): Promise<void> {
  const { since = '', database } = parseArgs({
    args,
    options: { since: { type: 'string' }, database: { type: 'string' } },
  }).values;
  // A time without a zone means another one on another machine.
  if (!isISO8601(since, { strict: true }) || !/T.+(Z|[+-]\d\d:\d\d)$/.test(since)) {
    throw new SettingsError(['--since must be an ISO 8601 time with a zone, as 2026-01-31T12:00:00Z']);
  }
  const connections = database === undefined ? CONNECTIONS : [connectionNamed(database)];
  await withApp(async (app) => {
    for (const connection of connections) {
      const events = await app.get(RepublishService).republish(connection, new Date(since));
      say(`${connection}: ${events} events are published again`);
    }
  });
}

/** Runs one verb of the app without serving anything. */
async function withApp(verb: (app: INestApplicationContext) => Promise<unknown>): Promise<void> {
  const settings = new Settings({ ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn' });
  const app = await NestFactory.createApplicationContext(AppModule, { logger: createLogger(settings) });
  try {
    const result = await verb(app);
    if (result !== undefined) say(JSON.stringify(result));
  } finally {
    await app.close();
  }
}

/** Asks no service: in a preview nothing but the shape of the app is made. */
async function printOpenApi(): Promise<void> {
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { preview: true, logger: ['error'] });
  process.stdout.write(`${JSON.stringify(buildOpenApi(app, outgoingWebhooks()), null, 2)}\n`);
}

function wholeNumber(name: string, text: string, highest: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= highest) return number;
  throw new SettingsError([`--${name} must be a whole number from 0 to ${highest}`]);
}

/** Looks as long as it takes, unlike the route of the same name. */
async function consistency(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      repair: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'settled-for': { type: 'string', default: '120' },
      days: { type: 'string', default: '7' },
    },
  });
  const scope = {
    settledFor: wholeNumber('settled-for', values['settled-for'], 3600),
    days: wholeNumber('days', values.days, 8),
  };
  await withApp(async (app) => {
    const { repaired, left } = values.repair
      ? await app.get(RepairService).repair(scope, null)
      : { repaired: [], left: await app.get(ConsistencyService).check(scope) };
    if (values.json) say(JSON.stringify(values.repair ? { repaired, left } : left, null, 2));
    else say([...(values.repair ? [readableRepairs(repaired)] : []), readable(left)].join('\n'));
    process.exitCode = exitCodeOf(left);
  });
}

async function run(command: string | undefined, argument: string | undefined): Promise<void> {
  switch (command) {
    case 'env-example':
      process.stdout.write(envExample(new Settings(Settings.REQUIRED_FOR_DESCRIPTION).described));
      return;
    case 'asyncapi':
      process.stdout.write(`${JSON.stringify(buildAsyncApi(), null, 2)}\n`);
      return;
    case 'openapi':
      return printOpenApi();
    case 'migrate':
      return migrateAll();
    case 'prepare':
      await migrateAll();
      await new TopicProvisioner(new Settings()).provision();
      return withApp(async (app) => {
        await createAdmin(app);
        return app.get(DemoSeed).run();
      });
    case 'migration:run':
      return runMigrations(argument ?? '');
    case 'migration:revert':
      return revertMigration(argument ?? '');
    case 'migration:generate':
      return withOwner(connectionNamed(argument ?? ''), async (source) => {
        const path = await generateMigration(source, connectionNamed(argument ?? ''), process.argv[4] ?? 'change');
        say(path ?? `${argument ?? ''}: entities and tables agree`);
      });
    case 'topics':
      await new TopicProvisioner(new Settings()).provision();
      return;
    case 'create-admin':
      return withApp((app) => createAdmin(app, readsReset(process.argv.slice(3))));
    case 'remove-second-factor':
      return withApp(async (app) => {
        const removed = await app.get(SecondFactorService).removeOf(argument ?? '');
        if (!removed) throw new SettingsError([`${argument ?? 'no email'}: no such account, or no second factor`]);
      });
    case 'seed-demo':
      return withApp((app) => app.get(DemoSeed).run());
    case 'republish':
      return republish(process.argv.slice(3));
    case 'archive':
      return withApp((app) => app.get(ArchiveJob).run());
    case 'consistency':
      return consistency(process.argv.slice(3));
    case 'reconcile':
      return withApp((app) => app.get(ReconciliationService).heal(null));
    case 'sweep-images':
      return withApp((app) => app.get(ImagesSweepJob).run());
    case 'erase-account':
      return withApp((app) => app.get(ErasureService).requestFor(userIdIn(argument)));
    case 'erasures':
      return withApp((app) => app.get(ErasureService).runDue());
    case 'expire-holds':
      return withApp((app) => app.get(CheckoutService).expireDue());
    default:
      process.stderr.write(USAGE);
      process.exitCode = 64;
  }
}

run(process.argv[2], process.argv[3]).catch((error: unknown) => {
  const text = error instanceof SettingsError || !(error instanceof Error) ? String(error) : (error.stack ?? '');
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
