import { DataSource } from 'typeorm';
import { inTransaction, sql } from '../../../src/database/sql';
import { readStack } from '../../support/stack';

/** A pool is small on purpose; a crowd before it is no outage. */
describe('many at once before a small pool', () => {
  const connectWithinMs = 400;
  const source = new DataSource({
    type: 'postgres',
    url: readStack().postgres.products,
    poolSize: 1,
    extra: { connectionTimeoutMillis: connectWithinMs },
  });

  beforeAll(() => source.initialize());
  afterAll(() => source.destroy());

  it('each have their turn, though all of it takes longer than a connection may', async () => {
    const started = Date.now();
    const crowd = Array.from({ length: 6 }, (_, i) =>
      i % 2 === 0
        ? sql(source, 'SELECT pg_sleep(0.2)')
        : inTransaction(source, (tx) => sql(tx, 'SELECT pg_sleep(0.2)')),
    );
    const outcomes = await Promise.allSettled(crowd);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(Date.now() - started).toBeGreaterThan(2 * connectWithinMs);
  });

  it('a row that is held for long is asked for again', async () => {
    let tell: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (tell = resolve));
    const others = await new DataSource({
      ...source.options,
      extra: { options: '-c statement_timeout=150' },
    }).initialize();
    const id = 7_000_000_001;
    const lock = `SELECT pg_advisory_xact_lock($1)`;
    const holder = inTransaction(source, async (tx) => {
      await sql(tx, lock, [id]);
      tell();
      await sql(tx, 'SELECT pg_sleep(0.3)');
    });
    await held;
    await inTransaction(others, (tx) => sql(tx, lock, [id]));
    await holder;
    await others.destroy();
  });
});
