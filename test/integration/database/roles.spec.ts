import { Client, type QueryResultRow } from 'pg';
import { CONNECTIONS, type Connection } from '../../../src/database/connections';
import { SCHEMA } from '../../../src/schema';
import { readStack } from '../../support/stack';

const INSUFFICIENT_PRIVILEGE = '42501';

/** What is only ever added to: its rows may be neither changed nor removed. */
const APPEND_ONLY_IN: Record<Connection, readonly string[]> = {
  users: ['audit_log', 'audit_seals'],
  products: ['stock_movements', 'audit_log', 'audit_seals', 'price_history'],
  orders: ['audit_log', 'audit_seals'],
};

const INBOX_ROW = `INSERT INTO inbox (listener_group, event_id) VALUES ('roles.spec', gen_random_uuid())`;

describe.each(CONNECTIONS)("the app's role in %s", (connection) => {
  let client: Client;

  beforeAll(async () => {
    const variable = `${connection.toUpperCase()}_DATABASE_URL`;
    const url = process.env[variable];
    if (!url) throw new Error(`${variable} is missing: run \`npm test\``);
    client = new Client({ connectionString: url });
    await client.connect();
  });
  afterAll(() => client.end());

  beforeEach(() => client.query('BEGIN'));
  afterEach(() => client.query('ROLLBACK'));

  async function rowOf<Row extends QueryResultRow>(text: string, values: string[] = []): Promise<Row | undefined> {
    return (await client.query<Row>(text, values)).rows[0];
  }

  it('is in the real database, and not the owner', async () => {
    const here = await rowOf<{ database: string; role: string }>(
      'SELECT current_database() AS database, current_user AS role',
    );
    const owner = new URL(readStack().postgres[connection]);
    expect(here?.database).toBe(owner.pathname.slice(1));
    expect(here?.role).not.toBe(owner.username);
  });

  it('has no power beyond its rows', async () => {
    const role = await rowOf(
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
              has_database_privilege(current_database(), 'CREATE') AS creates_schemas,
              has_schema_privilege('public', 'CREATE') AS creates_in_public,
              (SELECT count(*)::int FROM pg_auth_members WHERE member = pg_roles.oid) AS memberships
       FROM pg_roles
       WHERE rolname = current_user`,
    );
    expect(role).toEqual({
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      rolbypassrls: false,
      creates_schemas: false,
      creates_in_public: false,
      memberships: 0,
    });
  });

  it.each([
    'CREATE TABLE stray (id uuid)',
    'CREATE TEMPORARY TABLE stray (id uuid)',
    'CREATE SCHEMA stray',
    'CREATE INDEX stray ON outbox (topic)',
    'CREATE OR REPLACE FUNCTION shop_now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT now() $$',
    'ALTER TABLE outbox ADD COLUMN stray text',
    'ALTER TABLE outbox DROP CONSTRAINT outbox_event_id_key',
    'ALTER TABLE outbox OWNER TO CURRENT_USER',
    'DROP TABLE outbox',
    'TRUNCATE outbox',
  ])('may not %s', async (statement) => {
    await expect(client.query(statement)).rejects.toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
  });

  it('may read and write the rows of every table, and only add to the ledger', async () => {
    const { rows } = await client.query<{ name: string; may: boolean }>(
      `SELECT tablename AS name,
              bool_and(has_table_privilege(format('%I.%I', schemaname, tablename), privilege)) AS may
       FROM pg_tables, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
       WHERE schemaname = 'public'
       GROUP BY tablename`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(SCHEMA[connection].entities.length);
    const addedTo = rows.filter(({ may }) => !may).map(({ name }) => name);
    expect(addedTo.sort()).toEqual([...APPEND_ONLY_IN[connection]].sort());
  });

  it('writes, changes, reads and removes a row', async () => {
    expect((await client.query(INBOX_ROW)).rowCount).toBe(1);
    await client.query(`UPDATE inbox SET received_at = shop_now() WHERE listener_group = 'roles.spec'`);
    const read = await rowOf(
      `SELECT received_at <= shop_now() AS received FROM inbox WHERE listener_group = 'roles.spec'`,
    );
    expect(read).toEqual({ received: true });
    const removed = await client.query(`DELETE FROM inbox WHERE listener_group = 'roles.spec'`);
    expect(removed.rowCount).toBe(1);
  });

  it('takes numbers from the sequences', async () => {
    const { rows } = await client.query<{ name: string; may: boolean }>(
      `SELECT sequencename AS name, has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'USAGE') AS may
       FROM pg_sequences
       WHERE schemaname = 'public'`,
    );
    expect(rows.map((row) => row.name)).toContain('outbox_position_seq');
    expect(rows.filter((row) => !row.may)).toEqual([]);
  });
});
