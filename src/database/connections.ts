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

/**
 * What PostgreSQL is told for each session: `shop_now()` reads the clock offset, statements may not run for ever, and
 * a transaction left open by a stuck process lets go of its locks.
 */
export function sessionOptions(settings: Settings): string {
  return [
    `-c tradepost.clock_offset_seconds=${settings.clockOffsetSeconds}`,
    `-c statement_timeout=${settings.statementTimeoutMs}`,
    `-c idle_in_transaction_session_timeout=${settings.statementTimeoutMs}`,
    '-c TimeZone=UTC',
  ].join(' ');
}

/** Options of one named connection, with the pool of the seed: 30 s idle, 2 s to connect. */
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
      options: sessionOptions(settings),
    },
  };
}
