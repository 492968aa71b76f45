import type { DataSource, EntityManager } from 'typeorm';
import { isPostgresError } from '../../src/database/sql';

/** Transactions that PostgreSQL ended as victims of a deadlock, also those that then ran again and went well. */
export class DeadlockCounter {
  count = 0;

  constructor(source: DataSource) {
    const transaction = source.transaction.bind(source);
    Object.assign(source, {
      transaction: <T>(work: (tx: EntityManager) => Promise<T>) =>
        transaction(work).catch((error: unknown) => {
          if (isPostgresError(error) && error.code === '40P01') this.count += 1;
          throw error;
        }),
    });
  }
}
