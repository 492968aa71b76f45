import type { TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import type { Settings } from '../settings/settings';
import { poolShare } from './pool-share';

/** The seed's three PostgreSQL databases. */
export const CONNECTIONS = ['users', 'products', 'orders'] as const;
export type Connection = (typeof CONNECTIONS)[number];

export function databaseUrl(connection: Connection, settings: Settings): string {
  return {
    users: settings.usersDatabaseUrl,
    products: settings.productsDatabaseUrl,
    orders: settings.ordersDatabaseUrl,
  }[connection];
}

/** Nobody waits longer over HTTP for one statement: neither for a lock nor for a server that hangs. */
const HTTP_STATEMENT_MS = 4_000;
/** After PostgreSQL has cancelled a statement there is time left to say so. */
const ANSWER_MARGIN_MS = 1_000;

function statementTimeoutMs(settings: Settings): number {
  const { statementTimeoutMs: longest, workerRole } = settings;
  return workerRole === 'http' ? Math.min(longest, HTTP_STATEMENT_MS) : longest;
}

/**
 * What PostgreSQL is told for each session: `shop_now()` reads the clock offset, statements may not run for ever, and
 * a transaction left open by a stuck process lets go of its locks.
 */
export function sessionOptions(settings: Settings): string {
  return [
    `-c tradepost.clock_offset_seconds=${settings.clockOffsetSeconds}`,
    `-c statement_timeout=${statementTimeoutMs(settings)}`,
    `-c idle_in_transaction_session_timeout=${settings.statementTimeoutMs}`,
    '-c TimeZone=UTC',
    // Statements are named and written for one plan whatever their values. Left to itself PostgreSQL would plan many of
    // them anew each time, which takes longer than running them.
    '-c plan_cache_mode=force_generic_plan',
  ].join(' ');
}

/**
 * Options of one named connection, with the pool of the seed: 30 s idle, 2 s to connect. `statement_timeout` is kept by
 * the server; `query_timeout` by us, for a server that hangs.
 */
export function connectionOptions(
  connection: Connection,
  entities: NonNullable<DataSourceOptions['entities']>,
  settings: Settings,
): TypeOrmModuleOptions {
  return {
    type: 'postgres',
    name: connection,
    url: databaseUrl(connection, settings),
    entities,
    synchronize: false,
    migrationsRun: false,
    applicationName: `${settings.serverName}-${settings.workerRole}`,
    manualInitialization: true,
    poolSize: poolShare(settings),
    extra: {
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 2_000,
      query_timeout: statementTimeoutMs(settings) + ANSWER_MARGIN_MS,
      keepAlive: true,
      pipeline: true,
      options: sessionOptions(settings),
    },
  };
}
