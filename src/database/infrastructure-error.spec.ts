import 'reflect-metadata';
import { AppError, UnavailableError } from '../common/app-error';
import { PoisonEventError } from '../events/event.reader';
import { isInfrastructureError } from './infrastructure-error';

const withCode = (code: string | number, message = 'failed') => Object.assign(new Error(message), { code });
const named = (name: string, message = 'failed') => Object.assign(new Error(message), { name });
const labelled = (...errorLabels: string[]) => Object.assign(named('MongoServerError'), { errorLabels, code: 1 });

const DOWN: [what: string, error: unknown][] = [
  ...['08000', '08001', '08003', '08006', '28000', '28P01', '3D000', '53100', '53200', '53300', '57000', '57014'].map(
    (code): [string, unknown] => [`SQLSTATE ${code}`, withCode(code)],
  ),
  ...['57P01', '57P02', '57P03', '57P05', '58000', '58030', '58P01', '55P03', '40001', '40003', '40P01', '25006'].map(
    (code): [string, unknown] => [`SQLSTATE ${code}`, withCode(code)],
  ),
  ...['25P03', '25P04', 'XX001', 'XX002'].map((code): [string, unknown] => [`SQLSTATE ${code}`, withCode(code)]),
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EMFILE'].map(
    (code): [string, unknown] => [code, withCode(code)],
  ),
  ['no connection of the pool in time', new Error('timeout exceeded when trying to connect')],
  ['a connection that ended', new Error('Connection terminated unexpectedly')],
  ['a connection that hangs', new Error('Query read timeout')],
  ['a closed client', new Error('Client was closed and is not queryable')],
  ['a database that was never there', named('CannotExecuteNotConnectedError')],
  ['MongoDB without a server', named('MongooseServerSelectionError')],
  ['MongoDB out of reach', named('MongoNetworkTimeoutError')],
  ['MongoDB without a free connection', named('MongoWaitQueueTimeoutError')],
  ['Mongoose that still waits', named('MongooseError', 'Operation `x.find()` buffering timed out after 10000ms')],
  ['MongoDB: transaction to be tried again', labelled('TransientTransactionError')],
  ['MongoDB: write to be tried again', labelled('RetryableWriteError')],
  ['MongoDB: write conflict', Object.assign(named('MongoServerError'), { errorLabels: [], code: 112 })],
  ['Redis away', named('MaxRetriesPerRequestError')],
  ['Redis closed', new Error('Connection is closed.')],
  ['Redis starting', named('ReplyError', 'LOADING Redis is loading the dataset in memory')],
  ['Redis full', named('ReplyError', "OOM command not allowed when used memory > 'maxmemory'.")],
  ['Kafka away', named('KafkaJSNumberOfRetriesExceeded')],
  ['Kafka without a coordinator for the group', named('KafkaJSGroupCoordinatorNotFound')],
  ['Kafka silent', named('KafkaJSRequestTimeoutError')],
  ['our own word for it', new UnavailableError('The provider')],
  ['the cause of another', new Error('fetch failed', { cause: withCode('ECONNREFUSED') })],
  ['one of several', new AggregateError([withCode('ECONNREFUSED'), withCode('EHOSTUNREACH')])],
];

const POISON: [what: string, error: unknown][] = [
  ...['22P02', '22021', '23502', '23503', '23505', '23514', '25P02', '42601', '42703', '42P01', 'P0001', 'XX000'].map(
    (code): [string, unknown] => [`SQLSTATE ${code}`, withCode(code)],
  ),
  ['not an event', new PoisonEventError('the message is not a JSON object')],
  ['a mistake of ours', new TypeError('undefined is not a function')],
  ['a refusal', new AppError('conflict', 'order.cannot_be_shipped', 'no')],
  ['MongoDB: duplicate key', Object.assign(named('MongoServerError'), { errorLabels: [], code: 11000 })],
  ['MongoDB: a document it does not take', Object.assign(named('MongoServerError'), { errorLabels: [], code: 121 })],
  ['Redis: a command it does not know', named('ReplyError', 'ERR unknown command')],
  ['something that is no error', 'ECONNREFUSED'],
];

describe('trying again later', () => {
  it.each(DOWN)('can help: %s', (_, error) => {
    expect(isInfrastructureError(error)).toBe(true);
  });

  it.each(POISON)('can not help: %s', (_, error) => {
    expect(isInfrastructureError(error)).toBe(false);
  });
});
