import { Socket } from 'node:net';
import { Pool, type ClientBase, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { UnavailableError } from '../common/app-error';

/** What pg's pool hands out. */
export type PooledConnection = PoolClient & { end(): Promise<void> };

/**
 * TypeORM does not say what its driver's parts are; ours are pg's. There is no pool until the database was there once,
 * which a server may be started before.
 */
export function poolOf({ driver, isInitialized }: DataSource): Pool {
  const pool: unknown = 'master' in driver ? driver.master : null;
  if (!pool && !isInitialized) throw new UnavailableError('A database');
  if (!(pool instanceof Pool)) throw new TypeError('the data source has no pool of pg');
  return pool;
}

function isPooledConnection(value: unknown): value is PooledConnection {
  return typeof value === 'object' && value !== null && 'query' in value && 'release' in value && 'end' in value;
}

export function pooledConnection(connection: unknown): PooledConnection {
  if (!isPooledConnection(connection)) throw new TypeError('the connection is not one of pg');
  return connection;
}

function socketOf(client: ClientBase): Socket | null {
  const connection: unknown = 'connection' in client ? client.connection : null;
  const stream: unknown =
    typeof connection === 'object' && connection !== null && 'stream' in connection ? connection.stream : null;
  return stream instanceof Socket ? stream : null;
}

/**
 * What is sent to `client` until the event loop's turn ends goes out in one write: a write costs as much as running the
 * statement it carries. pg must be in pipeline mode, where a statement does not wait for the answer of the one before.
 */
export function sendTogether(client: ClientBase): void {
  const socket = socketOf(client);
  if (!socket || socket.writableCorked > 0) return;
  socket.cork();
  setImmediate(() => socket.uncork());
}
