import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ImportsRepository } from '../../../src/product-imports/imports.repository';
import { ScratchDatabase } from '../../support/scratch-database';

describe('old imports', () => {
  let scratch: ScratchDatabase;
  let database: DataSource;
  const imports = new ImportsRepository();

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('products');
    database = await scratch.open();
    await database.runMigrations();
  }, 60_000);
  afterAll(() => scratch.drop());

  it('go with their rows: uploads that never ended after an hour, results after 90 days, work never', async () => {
    const add = async (state: string, hours: number): Promise<string> => {
      const id = randomUUID();
      await database.query(
        `INSERT INTO import_jobs (id, state, dry_run, create_categories, columns, created_by, created_at)
         VALUES ($1, $2, false, false, '["sku"]', $1, shop_now() - make_interval(hours => $3))`,
        [id, state, hours],
      );
      await imports.addChunk(database, id, 0, [[2, ['x']]]);
      return id;
    };
    const kept = [await add('receiving', 0), await add('done', 24 * 89)];
    for (const state of ['queued', 'running']) kept.push(await add(state, 24 * 365));
    await add('receiving', 2);
    await add('done', 24 * 91);

    expect(await imports.sweep(database, 1, 90)).toBe(2);
    expect(await imports.sweep(database, 1, 90)).toBe(0);
    const left: { id: string }[] = await database.query(`SELECT job_id AS id FROM import_chunks`);
    expect(left.map(({ id }) => id).sort()).toEqual([...kept].sort());
  });
});
