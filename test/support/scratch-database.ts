import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import type { Connection } from '../../src/database/connections';
import { SCHEMA } from '../../src/schema';
import { readStack } from './stack';

/** Everything that stands in the current schema, one line a thing; the order of columns does not matter. */
const CONTENTS = `
  WITH here AS (SELECT current_schema()::regnamespace AS id, format('%I.', current_schema()) AS prefix),
       relations AS (SELECT c.oid, c.relname, c.relkind FROM pg_class c, here WHERE c.relnamespace = here.id)
  SELECT replace(line, here.prefix, '') AS line
  FROM here, (
    SELECT CASE relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || relname AS line
    FROM relations
    WHERE relkind NOT IN ('i', 'I', 'c')
    UNION ALL
    SELECT concat_ws(' ', 'column', relname || '.' || attname, format_type(atttypid, atttypmod),
                     CASE WHEN attnotnull THEN 'not null' END, 'identity ' || nullif(attidentity::text, ''),
                     'default ' || pg_get_expr(adbin, adrelid))
    FROM relations
    JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'constraint ' || relname || '.' || conname || ' ' || pg_get_constraintdef(pg_constraint.oid)
    FROM pg_constraint
    JOIN relations ON relations.oid = conrelid
    UNION ALL
    SELECT 'index ' || relname || ' ' || pg_get_indexdef(oid) FROM relations WHERE relkind IN ('i', 'I')
    UNION ALL
    SELECT 'function ' || proname || ' ' || pg_get_functiondef(pg_proc.oid) FROM pg_proc, here WHERE pronamespace = here.id
    UNION ALL
    SELECT 'trigger ' || relname || '.' || tgname || ' ' || pg_get_triggerdef(pg_trigger.oid)
    FROM pg_trigger
    JOIN relations ON relations.oid = tgrelid
    WHERE NOT tgisinternal
    UNION ALL
    SELECT 'type ' || typname FROM pg_type, here WHERE typnamespace = here.id AND typtype IN ('e', 'd', 'r')
  ) AS found
  ORDER BY line`;

async function asOwner<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** An empty database for one test file, on the server of one connection. */
export class ScratchDatabase {
  private readonly opened: DataSource[] = [];

  private constructor(
    readonly connection: Connection,
    /** With the owner role. */
    readonly url: string,
    private readonly statementThatDrops: string,
  ) {}

  /** A database of its own where the owner role may create one, else a schema of its own inside the real one. */
  static async create(connection: Connection): Promise<ScratchDatabase> {
    const server = readStack().postgres[connection];
    const name = `scratch_${randomBytes(6).toString('hex')}`;
    const url = new URL(server);
    return asOwner(server, async (client) => {
      const role = await client.query<{ rolcreatedb: boolean }>(
        'SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user',
      );
      if (role.rows[0]?.rolcreatedb) {
        await client.query(`CREATE DATABASE ${name}`);
        url.pathname = name;
        return new ScratchDatabase(connection, url.href, `DROP DATABASE ${name} WITH (FORCE)`);
      }
      await client.query(`CREATE SCHEMA ${name}`);
      url.searchParams.set('options', `-c search_path=${name}`);
      return new ScratchDatabase(connection, url.href, `DROP SCHEMA ${name} CASCADE`);
    });
  }

  /**
   * Connects with the entities and migrations of this connection, and with these settings of PostgreSQL in each session.
   * Closed when the scratch database is dropped.
   */
  async open(settings: Record<string, string> = {}): Promise<DataSource> {
    const url = new URL(this.url);
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
    const all = [url.searchParams.get('options'), ...options].filter((option) => option !== null);
    if (all.length > 0) url.searchParams.set('options', all.join(' '));
    const source = new DataSource({
      type: 'postgres',
      url: url.href,
      extra: { pipeline: true },
      ...SCHEMA[this.connection],
      migrationsTransactionMode: 'each',
    });
    this.opened.push(source);
    return source.initialize();
  }

  /** Everything in it, down to the definition of each index and check. TypeORM's own table of migrations left out. */
  async contents(): Promise<string[]> {
    const { rows } = await asOwner(this.url, (client) => client.query<{ line: string }>(CONTENTS));
    return rows.map((row) => row.line).filter((line) => !/^\w+ (migrations(_id_seq)?\b|PK_)/.test(line));
  }

  async drop(): Promise<void> {
    await Promise.all(this.opened.filter((source) => source.isInitialized).map((source) => source.destroy()));
    await asOwner(readStack().postgres[this.connection], (client) => client.query(this.statementThatDrops));
  }
}
