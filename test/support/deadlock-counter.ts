import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { poolOf } from '../../src/database/pooled.connection';
import { isPostgresError } from '../../src/database/sql';

/** Statements that PostgreSQL ended as victims of a deadlock, also of work that then ran again and went well. */
export class DeadlockCounter {
  count = 0;
  private readonly watched = new WeakSet<PoolClient>();

  constructor(source: DataSource) {
    poolOf(source).on('acquire', (client) => this.watch(client));
  }

  private watch(client: PoolClient): void {
    if (this.watched.has(client)) return;
    this.watched.add(client);
    const query: unknown = Reflect.get(client, 'query');
    if (typeof query !== 'function') throw new TypeError('a client of pg has a query method');
    Object.assign(client, {
      query: (...values: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(query, client, values);
        if (answer instanceof Promise) answer.catch((error: unknown) => this.notice(error));
        return answer;
      },
    });
  }

  private notice(error: unknown): void {
    if (isPostgresError(error) && error.code === '40P01') this.count += 1;
  }
}
