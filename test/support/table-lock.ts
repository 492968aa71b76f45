import { Client } from 'pg';
import type { Connection } from '../../src/database/connections';
import { eventually } from './eventually';
import { readStack } from './stack';

/**
 * Lets nobody write to a table of the running shop while `work` runs: requests stop there, at a point of the test's
 * choosing. `waiting` resolves when that many stand before the table.
 */
export async function whileLocked<T>(
  database: Connection,
  table: string,
  work: (waiting: (count: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: readStack().postgres[database] });
  await client.connect();
  const waiting = async (count: number): Promise<void> => {
    await eventually(`${count} to wait for ${table}`, async () => {
      const { rows } = await client.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = $1::regclass`, [
        table,
      ]);
      return rows.length >= count;
    });
  };
  try {
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`);
    const result = await work(waiting);
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}
