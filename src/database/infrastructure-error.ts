import { AppError } from '../common/app-error';
import { isPostgresError } from './sql';

const SYSTEM_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** SQLSTATE classes and codes that speak of the server's state, not of the statement. */
const POSTGRES_STATES = /^(08|53|57P0[1-5]|57014|55P03|40001|40P01|25006|25P0[23])/;

const DRIVER_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after|server closed the connection|before initial connection is complete|Query read timeout|Client was closed|Query runner already released|Driver not Connected|Connection with .* database is not established/i;

const DRIVER_NAMES =
  /^(Mongo(Network|ServerSelection|NotConnected|PoolCleared|Topology|WriteConcern|ExpiredSession)|MongooseServerSelection|KafkaJSConnection|KafkaJSNumberOfRetries|KafkaJSTimeout|KafkaJSRequestTimeout|MaxRetriesPerRequest)/;

/** Whether trying the same again later can help, because a server was down, slow or changing over. */
export function isInfrastructureError(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unavailable';
  if (!(error instanceof Error)) return false;
  if (isPostgresError(error) && POSTGRES_STATES.test(error.code)) return true;
  if ('code' in error && typeof error.code === 'string' && SYSTEM_ERRORS.has(error.code)) return true;
  if (DRIVER_NAMES.test(error.name) || DRIVER_MESSAGES.test(error.message)) return true;
  if ('errorLabels' in error || (error.name === 'MongoServerError' && /not primary|shutdown/i.test(error.message))) {
    return true;
  }
  return error.cause !== undefined && isInfrastructureError(error.cause);
}
