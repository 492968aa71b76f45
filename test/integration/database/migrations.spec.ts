import type { DataSource } from 'typeorm';
import { CONNECTIONS } from '../../../src/database/connections';
import { SCHEMA } from '../../../src/schema';
import { ScratchDatabase } from '../../support/scratch-database';

describe.each(CONNECTIONS)('migrations of %s', (connection) => {
  let database: ScratchDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await ScratchDatabase.create(connection);
    source = await database.open();
  });
  afterAll(() => database.drop());

  it('go up, down to nothing, and up to the same again', async () => {
    expect(await database.contents()).toEqual([]);

    const done = await source.runMigrations();
    expect(done).toHaveLength(SCHEMA[connection].migrations.length);
    const full = await database.contents();
    expect(full).toEqual(expect.arrayContaining(['table outbox', expect.stringMatching(/^function shop_now /)]));

    for (let left = done.length; left > 0; left -= 1) await source.undoLastMigration();
    expect(await database.contents()).toEqual([]);

    await source.runMigrations();
    expect(await database.contents()).toEqual(full);
  });

  it('leave nothing to do the second time', async () => {
    await source.runMigrations();
    expect(await source.runMigrations()).toEqual([]);
  });

  it('make a clock that follows the offset of its connection', async () => {
    const runner = source.createQueryRunner();
    try {
      await runner.query(`SELECT set_config('tradepost.clock_offset_seconds', '-3600', false)`);
      const [row]: { offset: string }[] = await runner.query(
        `SELECT round(extract(epoch FROM shop_now() - now())) AS "offset"`,
      );
      expect(row?.offset).toBe('-3600');
    } finally {
      await runner.query('RESET tradepost.clock_offset_seconds');
      await runner.release();
    }
  });

  // timestamptz(3) rounds: with microseconds in it, every second row would be due only after the moment it was written.
  it('make a clock that is never behind what it has just written', async () => {
    const [row]: { same: boolean }[] = await source.query(`SELECT shop_now()::timestamptz(3) = shop_now() AS same`);
    expect(row?.same).toBe(true);
  });
});
