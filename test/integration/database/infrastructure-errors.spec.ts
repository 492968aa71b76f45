import Redis from 'ioredis';
import mongoose from 'mongoose';
import { Client, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { FreshProducer } from '../../../src/messaging/kafka/fresh.producer';
import { isInfrastructureError } from '../../../src/database/infrastructure-error';
import { inTransaction, sql } from '../../../src/database/sql';
import { Settings } from '../../../src/settings/settings';
import { readStack } from '../../support/stack';

const NOBODY_LISTENS = 1;

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('it worked');
}

/** What the drivers really throw when a part is down or slow: a listener waits for it and gives nothing up. */
describe('a part that is down', () => {
  const url = readStack().postgres.orders;
  const toNobody = new URL(url);
  toNobody.port = String(NOBODY_LISTENS);

  const mistaken = new URL(url);
  mistaken.password = 'mistaken';

  async function onClient(work: (client: Client) => Promise<unknown>): Promise<unknown> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    return work(client).finally(() => void client.end().catch(() => undefined));
  }

  it.each<[string, () => Promise<unknown>]>([
    ['PostgreSQL is not there', () => new Client({ connectionString: toNobody.href }).connect()],
    [
      'PostgreSQL has not been there since the server was started, for a statement by itself',
      async () => {
        const source = new DataSource({ type: 'postgres', url: toNobody.href });
        await source.initialize().catch(() => undefined);
        return sql(source, 'SELECT 1');
      },
    ],
    [
      'and for a transaction',
      async () => {
        const source = new DataSource({ type: 'postgres', url: toNobody.href });
        await source.initialize().catch(() => undefined);
        return inTransaction(source, (tx) => sql(tx, 'SELECT 1'));
      },
    ],
    [
      'a statement runs into its time limit',
      () => onClient((client) => client.query('SET statement_timeout = 50; SELECT pg_sleep(5)')),
    ],
    [
      'a lock is not given in time',
      () =>
        onClient(async (client) => {
          await client.query('BEGIN; LOCK TABLE inbox');
          return onClient((other) => other.query('SET lock_timeout = 50; LOCK TABLE inbox'));
        }),
    ],
    [
      'the session is ended by an operator',
      () => onClient((client) => client.query('SELECT pg_terminate_backend(pg_backend_pid())')),
    ],
    ['the password is not the one', () => new Client({ connectionString: mistaken.href }).connect()],
    [
      'the pool has no connection left',
      async () => {
        const pool = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 50 });
        const only = await pool.connect();
        return pool.query('SELECT 1').finally(() => {
          only.release();
          void pool.end();
        });
      },
    ],
    [
      'Redis is not there',
      async () => {
        const redis = new Redis(NOBODY_LISTENS, '127.0.0.1', { maxRetriesPerRequest: 0, retryStrategy: () => null });
        redis.on('error', () => undefined);
        return redis.get('x');
      },
    ],
    [
      'MongoDB is not there',
      () =>
        mongoose
          .createConnection(`mongodb://127.0.0.1:${NOBODY_LISTENS}/x`, { serverSelectionTimeoutMS: 100 })
          .asPromise(),
    ],
    [
      'Kafka is not there',
      () => new FreshProducer(new Settings({ ...process.env, KAFKA_BROKERS: `127.0.0.1:${NOBODY_LISTENS}` })).send([]),
    ],
  ])('%s', async (_, work) => {
    const failure = await failureOf(work);
    expect([String(failure), isInfrastructureError(failure)]).toEqual([expect.anything(), true]);
  });

  it('is not what a statement that is wrong is about', async () => {
    const failure = await failureOf(() => onClient((client) => client.query(`SELECT 'x'::integer`)));
    expect(isInfrastructureError(failure)).toBe(false);
  });
});
