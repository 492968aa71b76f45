import type { DataSource, EntityManager } from 'typeorm';
import { beforeCommit, inTransaction, sql, sqlLater } from '../../../src/database/sql';
import { ScratchDatabase } from '../../support/scratch-database';

const ADD = 'INSERT INTO things (id) VALUES ($1::int)';
const COUNT = 'SELECT count(*)::int AS things FROM things';

/** Statements that share a write: what fails among them fails the transaction, by its own error. */
describe('statements sent together', () => {
  let database: ScratchDatabase;
  let source: DataSource;

  const things = async () => (await sql<{ things: number }>(source, COUNT))[0]?.things;
  const add = (tx: EntityManager, id: number) => sql(tx, ADD, [id]);
  const addLater = (tx: EntityManager, id: number) => sqlLater(tx, ADD, [id]);

  beforeAll(async () => {
    database = await ScratchDatabase.create('orders');
    source = await database.open();
    await source.query('CREATE TABLE things (id int PRIMARY KEY)');
  });
  beforeEach(() => source.query('TRUNCATE things'));
  afterAll(() => database.drop());

  it('run in the order of the calls', async () => {
    const counts = await inTransaction(source, (tx) =>
      Promise.all([add(tx, 1), sql<{ things: number }>(tx, COUNT), add(tx, 2), sql<{ things: number }>(tx, COUNT)]),
    );
    expect([counts[1][0]?.things, counts[3][0]?.things]).toEqual([1, 2]);
  });

  it('are committed though nobody awaits them', async () => {
    await inTransaction(source, async (tx) => {
      addLater(tx, 1);
      await add(tx, 2);
      addLater(tx, 3);
    });
    expect(await things()).toBe(3);
  });

  it('leave nothing when one that nobody awaits fails', async () => {
    const failing = inTransaction(source, async (tx) => {
      await add(tx, 1);
      addLater(tx, 1);
      addLater(tx, 2);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await things()).toBe(0);
  });

  it('fail by what failed first, not by what came after it', async () => {
    const failing = inTransaction(source, async (tx) => {
      addLater(tx, 1);
      addLater(tx, 1);
      await add(tx, 2);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
  });

  it('fail by what failed first when what came after it is heard of sooner', async () => {
    const addSlowly = async (tx: EntityManager, id: number) => {
      const [rows] = await Promise.all([add(tx, id), Promise.resolve()]);
      return rows;
    };
    const failing = inTransaction(source, async (tx) => {
      await add(tx, 1);
      await Promise.all([addSlowly(tx, 1), add(tx, 2)]);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
  });

  it('are part of the transaction when they are sent with its COMMIT', async () => {
    const failing = inTransaction(source, async (tx) => {
      beforeCommit(tx, () => addLater(tx, 1));
      await add(tx, 1);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await things()).toBe(0);

    const ids = await inTransaction(source, (tx) => {
      beforeCommit(tx, () => sqlLater(tx, 'INSERT INTO things (id) VALUES (pg_current_xact_id()::text::int)', []));
      return sql<{ id: string }>(tx, 'SELECT pg_current_xact_id()::text AS id');
    });
    expect(await sql(source, 'SELECT id::text AS id FROM things')).toEqual(ids);
  });

  it('are not said to be kept when the failure of one was caught', async () => {
    const hushed = inTransaction(source, async (tx) => {
      await add(tx, 1);
      await add(tx, 1).catch(() => undefined);
    });
    await expect(hushed).rejects.toThrow('nothing is kept');
    expect(await things()).toBe(0);
  });

  it('are refused where nobody would send them', async () => {
    await source.transaction((tx) => {
      expect(() => beforeCommit(tx, () => undefined)).toThrow(TypeError);
      return Promise.resolve();
    });
  });

  it('leave nothing when the work fails', async () => {
    const failing = inTransaction(source, (tx) => {
      addLater(tx, 1);
      return Promise.reject(new Error('out of mood'));
    });
    await expect(failing).rejects.toThrow('out of mood');
    expect(await things()).toBe(0);
  });

  it('are understood after one of them never was, because the transaction had failed', async () => {
    const neverParsed = 'INSERT INTO things (id) VALUES ($1::int + 100)';
    const failing = inTransaction(source, async (tx) => {
      await add(tx, 1);
      addLater(tx, 1);
      sqlLater(tx, neverParsed, [1]);
      await add(tx, 2);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    await Promise.all([1, 2, 3, 4].map((id) => inTransaction(source, (tx) => sql(tx, neverParsed, [id]))));
    expect(await things()).toBe(4);
  });
});
