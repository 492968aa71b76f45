import { createHash } from 'node:crypto';
import { Client, type ClientBase } from 'pg';
import { DataSource, EntityManager } from 'typeorm';
import { countStatements } from '../common/trace-context';
import { pooledConnection, poolOf, sendTogether, type PooledConnection } from './pooled.connection';
import { inTurn } from './waiting-line';

/** A transaction, a pool for a statement on its own, or a session that its owner keeps beside the pools. */
export type Executor = DataSource | EntityManager | Client;

/** What PostgreSQL says of a failed statement; `code` is the SQLSTATE. */
interface PostgresError extends Error {
  code: string;
  detail?: string;
  constraint?: string;
}

/** What pg says when `query_timeout` has passed. */
const NO_ANSWER_IN_TIME = 'Query read timeout';

const names = new Map<string, string>();

/** Named statements are parsed and planned once a connection: a third of the CPU of anonymous ones. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('sha1').update(text).digest('hex').slice(0, 20);
    names.set(text, name);
  }
  return name;
}

async function runOn<Row extends object>(client: ClientBase, text: string, values: readonly unknown[]): Promise<Row[]> {
  countStatements();
  const result = await client.query<Row>({ name: nameOf(text), text, values: [...values] });
  return result.rows;
}

/**
 * Runs one parameterised statement and gives its rows, alike for SELECT and for RETURNING. The text must be constant:
 * it becomes a named statement of the connection. Statements of a transaction that do not need each other's rows are
 * sent in one go by `Promise.all`: they run in the order of the calls, and none after one that failed.
 */
export async function sql<Row extends object = Record<string, never>>(
  executor: Executor,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  if (executor instanceof Client) return runOn<Row>(executor, text, values);
  if (executor instanceof EntityManager && executor.queryRunner) {
    const transaction = open.get(executor);
    const client = transaction?.client ?? pooledConnection(await executor.queryRunner.connect());
    sendTogether(client);
    if (!transaction) return runOn<Row>(client, text, values);
    try {
      return await runOn<Row>(client, text, values);
    } catch (error) {
      if (!followsFailure(error)) transaction.failure = error;
      throw error;
    }
  }
  const source = executor instanceof EntityManager ? executor.connection : executor;
  return inTurn(source, () => runAlone<Row>(source, text, values));
}

interface OpenTransaction {
  /** Known from the start: a statement is on its way when `sql` returns, before whatever is sent next, COMMIT too. */
  client: PooledConnection;
  /** Statements whose success is only asked for at the end. */
  unawaited: Promise<unknown>[];
  /** What is yet to be sent before the commit. */
  closing: (() => void)[];
  /** What the last statement failed of that did not fail because one before it had. */
  failure?: unknown;
}

const open = new WeakMap<EntityManager, OpenTransaction>();

/** Any statement after one that failed. */
const TRANSACTION_FAILED = '25P02';

function followsFailure(error: unknown): boolean {
  return isPostgresError(error) && error.code === TRANSACTION_FAILED;
}

/** In any other transaction nobody would see to what is left for its end, and it would be lost without a word. */
function openTransaction(tx: EntityManager): OpenTransaction {
  const transaction = open.get(tx);
  if (!transaction) throw new TypeError('not a transaction of inTransaction');
  return transaction;
}

/**
 * Runs a statement of a transaction whose rows nobody needs, without waiting for it: it goes out with the next one, or
 * with the COMMIT. When it fails, the transaction fails by it.
 */
export function sqlLater(tx: EntityManager, text: string, values: readonly unknown[]): void {
  const { unawaited } = openTransaction(tx);
  const statement = sql(tx, text, values);
  statement.catch(ignore);
  unawaited.push(statement);
}

/** Runs `send` when the transaction's work is done: what it sends goes out with the COMMIT. */
export function beforeCommit(tx: EntityManager, send: () => void): void {
  openTransaction(tx).closing.push(send);
}

const ignore = (): void => undefined;

/** By pg's pool itself: TypeORM's query runner costs as much again as the statement. */
async function runAlone<Row extends object>(
  source: DataSource,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = await poolOf(source).connect();
  // Nobody else listens while it is ours; the statement under way fails of it anyhow.
  client.on('error', ignore);
  let silent = false;
  try {
    return await runOn<Row>(client, text, values);
  } catch (error) {
    silent = saysNothing(error);
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(silent);
  }
}

/** Constants of the code as the list of an `IN`: a parameter would hide from the planner that a partial index fits. */
export function literals(values: readonly string[]): string {
  return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ');
}

/**
 * A server that hangs, or is gone without a word, leaves its connections open: back in the pool each would make the
 * next ones wait in vain as well, for as long as the network keeps it. Such a one is ended, and not waited for either.
 */
function saysNothing(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NO_ANSWER_IN_TIME);
}

export function isPostgresError(error: unknown): error is PostgresError {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
  );
}

/** A unique index or constraint with this name refused the row. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    isPostgresError(error) && error.code === '23505' && (constraint === undefined || error.constraint === constraint)
  );
}

/**
 * PostgreSQL's "try again": a serialization failure, a deadlock, a lock that was waited for too long, a statement that
 * was cancelled for its time: it waited for a row that many want. A server that hangs cancels nothing.
 */
const AGAIN = new Set(['40001', '40P01', '55P03', '57014']);
const ATTEMPTS = 3;

/** Runs `work` in one transaction; PostgreSQL's "try again" re-runs the whole work. */
export async function inTransaction<T>(source: DataSource, work: (tx: EntityManager) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTurn(source, () => transact(source, work));
    } catch (error) {
      const again = isPostgresError(error) && AGAIN.has(error.code);
      if (!again || attempt >= ATTEMPTS) throw error;
    }
  }
}

/**
 * As TypeORM's own, but BEGIN goes out with the first statement and COMMIT with the last ones that nobody awaits; and on
 * a connection that stopped answering a ROLLBACK would be waited for as well.
 */
async function transact<T>(source: DataSource, work: (tx: EntityManager) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  const { manager } = runner;
  // Its BEGIN and its COMMIT, or ROLLBACK.
  countStatements(2);
  try {
    const client = pooledConnection(await runner.connect());
    const transaction: OpenTransaction = { client, unawaited: [], closing: [] };
    open.set(manager, transaction);
    try {
      sendTogether(client);
      const begun = client.query('BEGIN');
      begun.catch(ignore);
      const result = await work(manager);
      sendTogether(client);
      for (const send of transaction.closing) send();
      const ended = client.query('COMMIT');
      await Promise.all([begun, ...transaction.unawaited, ended]);
      // Of a failed transaction COMMIT makes a ROLLBACK, without an error of its own: whoever caught the failure would
      // be told that all is kept.
      if ((await ended).command !== 'COMMIT') throw new Error('a statement of the transaction failed: nothing is kept');
      return result;
    } catch (error) {
      // A client that is ending does not go back to the pool.
      if (saysNothing(error)) void client.end().catch(ignore);
      else await client.query('ROLLBACK').catch(ignore);
      // Whoever awaits many is told by the one whose failure has the shortest way, which need not be the first.
      throw followsFailure(error) ? (transaction.failure ?? error) : error;
    }
  } finally {
    open.delete(manager);
    await runner.release();
  }
}
