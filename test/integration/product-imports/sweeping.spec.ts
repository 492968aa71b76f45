import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ImportsRepository } from '../../../src/product-imports/imports.repository';
import { ScratchDatabase } from '../../support/scratch-database';

describe('imports', () => {
  let scratch: ScratchDatabase;
  let database: DataSource;
  const imports = new ImportsRepository();

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('products');
    database = await scratch.open();
    await database.runMigrations();
  }, 60_000);
  afterAll(() => scratch.drop());

  async function add(state: string, hours: number): Promise<string> {
    const id = randomUUID();
    await database.query(
      `INSERT INTO import_jobs (id, state, dry_run, create_categories, columns, created_by, created_at)
       VALUES ($1, $2, false, false, '["sku"]', $1, shop_now() - make_interval(hours => $3))`,
      [id, state, hours],
    );
    await imports.addChunk(database, id, 0, [[2, ['x']]]);
    return id;
  }

  it('go with their rows when they are old: uploads that never ended after an hour, results after 90 days, work never', async () => {
    const kept = [await add('receiving', 0), await add('done', 24 * 89)];
    for (const state of ['queued', 'running']) kept.push(await add(state, 24 * 365));
    await add('receiving', 2);
    await add('done', 24 * 91);

    expect(await imports.sweep(database, 1, 90)).toBe(2);
    expect(await imports.sweep(database, 1, 90)).toBe(0);
    const left: { id: string }[] = await database.query(`SELECT job_id AS id FROM import_chunks`);
    expect(left.map(({ id }) => id).sort()).toEqual([...kept].sort());
  });

  it('stay though their upload failed, once they are queued: the answer to its commit may have been lost', async () => {
    const [receiving, queued] = [await add('receiving', 0), await add('queued', 0)];
    for (const id of [receiving, queued]) await imports.abandon(database, id);
    expect(await imports.find(database, receiving)).toBeNull();
    expect(await imports.takeChunk(database.manager, queued)).toEqual([[2, ['x']]]);
  });
});
