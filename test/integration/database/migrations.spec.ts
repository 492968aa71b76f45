import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { MessagesThatNameNobody1764900020000 } from '../../../migrations/users/1764900020000-messages-that-name-nobody';
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

describe('the way back to a release whose senders look for the address in the row', () => {
  it('writes it where somebody is there, and gives up what is for nobody', async () => {
    const database = await ScratchDatabase.create('users');
    try {
      const source = await database.open();
      await source.runMigrations();
      const [here, numbered, erased] = [randomUUID(), randomUUID(), randomUUID()];
      await source.query(
        `INSERT INTO users (id, email, password_hash, name, phone, erased_at) VALUES
           ($1, 'here@example.com', '-', 'Someone', NULL, NULL), ($2, 'numbered@example.com', '-', 'Someone', '+1555', NULL),
           ($3, 'erased@erased.invalid', '-', 'erased', NULL, now())`,
        [here, numbered, erased],
      );
      await source.query(
        `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, content, status)
         SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'test', channel, user_id::uuid, '{}', status
         FROM (VALUES ($1, 'email', 'queued'), ($1, 'sms', 'sent'), ($2, 'sms', 'queued'),
                      ($3, 'email', 'queued'), ($3, 'sms', 'dropped')) AS message(user_id, channel, status)`,
        [here, numbered, erased],
      );
      const backTo = SCHEMA.users.migrations.indexOf(MessagesThatNameNobody1764900020000);
      for (let left = SCHEMA.users.migrations.length; left > backTo; left -= 1) await source.undoLastMigration();
      const rows: { user_id: string; recipient: string; status: string }[] = await source.query(
        'SELECT user_id, recipient, status FROM notifications',
      );
      const of = (id: string) =>
        rows.flatMap((row) => (row.user_id === id ? [`${row.recipient} ${row.status}`] : [])).sort();
      expect(of(here)).toEqual([`customer:${here} sent`, 'here@example.com queued']);
      expect(of(numbered)).toEqual(['+1555 queued']);
      expect(of(erased)).toEqual([' dead', ' dead']);
    } finally {
      await database.drop();
    }
  });
});
