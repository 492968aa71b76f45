import { isNativeError } from 'node:util/types';
import { AppError } from '../common/app-error';
import { isPostgresError } from './sql';

const SYSTEM_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
]);

/**
 * SQLSTATE classes and codes that speak of the server's state, not of the statement: connection (08), authorization
 * while a password changes (28), a database that is not there yet (3D), resources (53), operators and time limits (57),
 * the system (58), damaged files (XX001, XX002), locks, serialization after its retries, a standby, a session ended.
 * Not 42: a column that is missing may be our mistake, and then the partition would wait for ever.
 */
const POSTGRES_STATES = /^(08|28|53|57|58)|^(3D000|55P03|40001|40003|40P01|25006|25P0[34]|XX00[12])$/;

const DRIVER_MESSAGES = new RegExp(
  [
    // pg and its pool
    'Connection terminated',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error',
    'Client was closed',
    'Cannot use a pool after',
    'Query read timeout',
    'server closed the connection',
    // TypeORM before its first connection, and after a connection was given up
    'Driver not Connected',
    'Connection with .* database is not established',
    'Query runner already released',
    // MongoDB and Mongoose
    'before initial connection is complete',
    'buffering timed out',
    // ioredis, and what Redis says while it starts, fails over or is full
    '^Connection is closed\\.$',
    '^Command timed out$',
    "^Stream isn't writeable",
    '^(LOADING|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|BUSY) ',
  ].join('|'),
  'i',
);

const DRIVER_NAMES = new RegExp(
  [
    '^Mongo(Network|ServerSelection|NotConnected|PoolCleared|WaitQueueTimeout|OperationTimeout|Topology|ClientClosed)',
    '^Mongo(WriteConcern|ExpiredSession)',
    '^MongooseServerSelection',
    '^KafkaJS(Connection|BrokerNotFound|GroupCoordinatorNotFound|NumberOfRetries|Timeout|RequestTimeout)',
    '^MaxRetriesPerRequest',
    '^(CannotExecuteNotConnected|ConnectionIsNotSet|Timeout)Error$',
  ].join('|'),
);

/** How MongoDB marks what may be done again. Every error of its driver has labels, a duplicate key has none of these. */
const MONGO_LABELS = new Set(['RetryableWriteError', 'RetryableError', 'TransientTransactionError', 'ResetPool']);
const MONGO_WRITE_CONFLICT = 112;

function isMongoTrouble(error: Error): boolean {
  const labels: unknown = 'errorLabels' in error ? error.errorLabels : null;
  if (Array.isArray(labels) && labels.some((label) => MONGO_LABELS.has(String(label)))) return true;
  if (error.name !== 'MongoServerError' && error.name !== 'MongoBulkWriteError') return false;
  return ('code' in error && error.code === MONGO_WRITE_CONFLICT) || /not primary|shutdown/i.test(error.message);
}

/** Whether trying the same again later can help, because a server was down, slow or changing over. */
export function isInfrastructureError(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unavailable';
  // Node's own errors may come from another realm than ours, as in tests.
  if (!(error instanceof Error) && !isNativeError(error)) return false;
  if (isPostgresError(error) && POSTGRES_STATES.test(error.code)) return true;
  if ('code' in error && typeof error.code === 'string' && SYSTEM_ERRORS.has(error.code)) return true;
  if (DRIVER_NAMES.test(error.name) || DRIVER_MESSAGES.test(error.message) || isMongoTrouble(error)) return true;
  if (error instanceof AggregateError && error.errors.some(isInfrastructureError)) return true;
  return error.cause !== undefined && isInfrastructureError(error.cause);
}
