import { createHash } from 'node:crypto';
import { DataSource, EntityManager, type QueryRunner } from 'typeorm';
import { Client, type ClientBase, type PoolClient } from 'pg';
import { countStatements } from '../common/trace-context';
import { inTurn } from './waiting-line';

/** A transaction, a pool for a statement on its own, or a session that its owner keeps beside the pools. */
export type Executor = DataSource | EntityManager | Client;

/** What PostgreSQL says of a failed statement; `code` is the SQLSTATE. */
interface PostgresError extends Error {
  code: string;
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

/** What pg's pool hands out. */
type PooledConnection = PoolClient & { end(): Promise<void> };

function isPoolClient(value: unknown): value is PooledConnection {
  return typeof value === 'object' && value !== null && 'query' in value && 'release' in value && 'end' in value;
}

/** TypeORM does not say what its driver's connection is; ours is pg's. */
function poolClientOf(connection: unknown): PooledConnection {
  if (!isPoolClient(connection)) throw new TypeError('the connection is not one of pg');
  return connection;
}

async function runOn<Row extends object>(client: ClientBase, text: string, values: readonly unknown[]): Promise<Row[]> {
  countStatements();
  const result = await client.query<Row>({ name: nameOf(text), text, values: [...values] });
  return result.rows;
}

async function run<Row extends object>(runner: QueryRunner, text: string, values: readonly unknown[]): Promise<Row[]> {
  return runOn<Row>(poolClientOf(await runner.connect()), text, values);
}

/**
 * Runs one parameterised statement and gives its rows, alike for SELECT and for RETURNING. The text must be constant:
 * it becomes a named statement of the connection.
 */
export async function sql<Row extends object = Record<string, never>>(
  executor: Executor,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  if (executor instanceof Client) return runOn<Row>(executor, text, values);
  if (executor instanceof EntityManager && executor.queryRunner) return run<Row>(executor.queryRunner, text, values);
  const source = executor instanceof EntityManager ? executor.connection : executor;
  return inTurn(source, () => runAlone<Row>(source, text, values));
}

async function runAlone<Row extends object>(
  source: DataSource,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const runner = source.createQueryRunner();
  try {
    return await run<Row>(runner, text, values);
  } catch (error) {
    await endIfSilent(runner, error);
    throw error;
  } finally {
    await runner.release();
  }
}

/** Constants of the code as the list of an `IN`: a parameter would hide from the planner that a partial index fits. */
export function literals(values: readonly string[]): string {
  return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ');
}

/**
 * A server that hangs, or is gone without a word, leaves its connections open: back in the pool each would make the
 * next ones wait in vain as well, for as long as the network keeps it.
 */
async function endIfSilent(runner: QueryRunner, error: unknown): Promise<boolean> {
  if (!(error instanceof Error && error.message.includes(NO_ANSWER_IN_TIME))) return false;
  // Not waited for either: its end may need the other side. A client that is ending does not go back to the pool.
  void poolClientOf(await runner.connect())
    .end()
    .catch(() => undefined);
  return true;
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

/** As TypeORM's own, but for a connection that stopped answering: on that one a ROLLBACK would be waited for as well. */
async function transact<T>(source: DataSource, work: (tx: EntityManager) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  // Its BEGIN and its COMMIT, or ROLLBACK.
  countStatements(2);
  try {
    await runner.startTransaction();
    const result = await work(runner.manager);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    if (!(await endIfSilent(runner, error))) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}
