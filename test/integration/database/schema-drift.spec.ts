import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { getMetadataArgsStorage, type DataSource } from 'typeorm';
import { CONNECTIONS, type Connection } from '../../../src/database/connections';
import { SCHEMA } from '../../../src/schema';
import { ScratchDatabase } from '../../support/scratch-database';

const SOURCES = join(__dirname, '../../../src');

/** seed/system-design-1k.md, "Database Schema Distribution", with its TIMESTAMP settled as timestamptz. */
const SEED: Record<Connection, Record<string, Record<string, string>>> = {
  users: {
    users: {
      id: 'uuid',
      email: 'character varying(255)',
      password_hash: 'character varying(255)',
      name: 'character varying(255)',
      created_at: 'timestamp with time zone',
      updated_at: 'timestamp with time zone',
    },
    addresses: {
      id: 'uuid',
      user_id: 'uuid',
      street: 'character varying(255)',
      city: 'character varying(100)',
      state: 'character varying(100)',
      zip_code: 'character varying(20)',
      country: 'character varying(100)',
      is_default: 'boolean',
    },
  },
  products: {
    products: {
      id: 'uuid',
      name: 'character varying(255)',
      description: 'text',
      price: 'numeric(10,2)',
      sku: 'character varying(100)',
      category_id: 'uuid',
      image_url: 'character varying(500)',
      created_at: 'timestamp with time zone',
    },
    categories: { id: 'uuid', name: 'character varying(255)', parent_id: 'uuid' },
    inventory: {
      product_id: 'uuid',
      warehouse_id: 'uuid',
      quantity: 'integer',
      reserved_quantity: 'integer DEFAULT 0',
      updated_at: 'timestamp with time zone',
    },
  },
  orders: {
    orders: {
      id: 'uuid',
      user_id: 'uuid',
      total_amount: 'numeric(10,2)',
      status: 'character varying(50)',
      shipping_address_id: 'uuid',
      payment_id: 'uuid',
      created_at: 'timestamp with time zone',
      updated_at: 'timestamp with time zone',
    },
    order_items: {
      id: 'uuid',
      order_id: 'uuid',
      product_id: 'uuid',
      quantity: 'integer',
      price_at_purchase: 'numeric(10,2)',
    },
  },
};

/** Primary, unique and foreign keys the seed asks for. */
const SEED_KEYS: Record<Connection, string[]> = {
  users: [
    'PRIMARY KEY users(id)',
    'UNIQUE users(email)',
    'PRIMARY KEY addresses(id)',
    'FOREIGN KEY addresses(user_id) -> users(id)',
  ],
  products: [
    'PRIMARY KEY products(id)',
    'UNIQUE products(sku)',
    'PRIMARY KEY categories(id)',
    'PRIMARY KEY inventory(product_id)',
    'FOREIGN KEY inventory(product_id) -> products(id)',
  ],
  orders: ['PRIMARY KEY orders(id)', 'PRIMARY KEY order_items(id)', 'FOREIGN KEY order_items(order_id) -> orders(id)'],
};

/** The statements TypeORM would run to make the tables what the entities say. */
async function driftOf(source: DataSource): Promise<string[]> {
  const log = await source.driver.createSchemaBuilder().log();
  return log.upQueries.map((query) => query.query);
}

/** The tables as the entities alone would make them; functions and plain sequences stay those of the migrations. */
async function rebuildFromEntities(source: DataSource): Promise<void> {
  for (const { tablePath } of source.entityMetadatas) await source.query(`DROP TABLE ${tablePath} CASCADE`);
  await source.driver.createSchemaBuilder().build();
}

/** Columns are TypeORM's to compare: it writes their defaults in words of its own. For triggers it has none. */
const isComparable = (line: string): boolean => !/^(column|trigger) /.test(line);

async function onMigrated(
  connection: Connection,
  work: (source: DataSource, database: ScratchDatabase) => Promise<void>,
): Promise<void> {
  const database = await ScratchDatabase.create(connection);
  try {
    const source = await database.open();
    await source.runMigrations();
    await work(source, database);
  } finally {
    await database.drop();
  }
}

describe('entities', () => {
  it('belong to exactly one connection each', async () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.entity\.ts$/.test(path),
    );
    for (const file of files) await import(join(SOURCES, file));
    const nameOf = (target: unknown) => (typeof target === 'function' ? target.name : String(target));
    const declared = getMetadataArgsStorage().tables.map((table) => nameOf(table.target));
    const listed = CONNECTIONS.flatMap((connection) => SCHEMA[connection].entities.map(nameOf));

    expect(files.length).toBeGreaterThan(20);
    expect(listed.sort()).toEqual(declared.sort());
    expect(new Set(listed).size).toBe(listed.length);
  });
});

describe.each(CONNECTIONS)('the tables of %s', (connection) => {
  let database: ScratchDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await ScratchDatabase.create(connection);
    source = await database.open();
    await source.runMigrations();
  });
  afterAll(() => database.drop());

  it('are what the entities say', async () => {
    expect(await driftOf(source)).toEqual([]);
  });

  it('each have their entity', async () => {
    const tables = (await database.contents())
      .filter((line) => line.startsWith('table '))
      .map((line) => line.replace('table ', ''));
    expect(tables).toEqual(source.entityMetadatas.map((metadata) => metadata.tableName).sort());
  });

  it.each(Object.entries(SEED[connection]))('%s has the columns of the seed', async (table, columns) => {
    const rows: { name: string; type: string }[] = await source.query(
      `SELECT column_name AS name,
              data_type || CASE data_type
                WHEN 'character varying' THEN format('(%s)', character_maximum_length)
                WHEN 'numeric' THEN format('(%s,%s)', numeric_precision, numeric_scale)
                ELSE ''
              END || CASE WHEN column_name = 'reserved_quantity' THEN ' DEFAULT ' || column_default ELSE '' END AS type
       FROM information_schema.columns
       WHERE table_schema = current_schema() AND table_name = $1`,
      [table],
    );
    expect(Object.fromEntries(rows.map((row) => [row.name, row.type]))).toMatchObject(columns);
  });

  it('have the keys of the seed', async () => {
    const rows: { key: string }[] = await source.query(
      `SELECT constraint_type || ' ' || own.table_name || '(' || own.column_name || ')'
              || CASE constraint_type
                   WHEN 'FOREIGN KEY' THEN ' -> ' || other.table_name || '(' || other.column_name || ')'
                   ELSE ''
                 END AS key
       FROM information_schema.table_constraints
       JOIN information_schema.key_column_usage own USING (constraint_schema, constraint_name)
       JOIN information_schema.constraint_column_usage other USING (constraint_schema, constraint_name)
       WHERE constraint_schema = current_schema()`,
    );
    expect(rows.map((row) => row.key)).toEqual(expect.arrayContaining(SEED_KEYS[connection]));
  });
});

// TypeORM compares neither the condition and column order of an index nor the text of a check: PostgreSQL does.
describe.each(CONNECTIONS)('%s made from its entities', (connection) => {
  it('has the keys, checks and indexes of the migrations, but for indexes TypeORM has no words for', async () => {
    await onMigrated(connection, async (source, database) => {
      const migrated = (await database.contents()).filter(isComparable);
      const beyond = source.entityMetadatas
        .flatMap((metadata) => metadata.indices.filter((index) => !index.synchronize))
        .map((index) => `index ${index.name} `);
      const isBeyond = (line: string) => beyond.some((start) => line.startsWith(start));
      expect(migrated.filter(isBeyond)).toHaveLength(beyond.length);

      await rebuildFromEntities(source);
      const built = (await database.contents()).filter(isComparable);
      expect(built).toEqual(migrated.filter((line) => !isBeyond(line)));
    });
  });
});

describe('a planted drift is seen:', () => {
  it.each([
    ['a column too many', 'ALTER TABLE outbox ADD COLUMN stray text', /DROP COLUMN "stray"/],
    ['a column too few', 'ALTER TABLE outbox DROP COLUMN traceparent', /ADD "traceparent"/],
    ['another type', 'ALTER TABLE outbox ALTER COLUMN topic TYPE varchar(99)', /"topic"/],
    [
      'a default lost',
      'ALTER TABLE outbox ALTER COLUMN occurred_at DROP DEFAULT',
      /"occurred_at" SET DEFAULT shop_now/,
    ],
    ['a NOT NULL lost', 'ALTER TABLE outbox ALTER COLUMN data DROP NOT NULL', /"data" SET NOT NULL/],
    ['an index lost', 'DROP INDEX inbox_received_at_idx', /CREATE INDEX "inbox_received_at_idx"/],
  ])('%s', async (_, change, repair) => {
    await onMigrated('users', async (source) => {
      await source.query(change);
      expect(await driftOf(source)).toContainEqual(expect.stringMatching(repair));
    });
  });

  it('another condition of an index, another check', async () => {
    await onMigrated('users', async (source, database) => {
      await source.query('DROP INDEX outbox_unpublished_idx');
      await source.query('CREATE INDEX outbox_unpublished_idx ON outbox (position)');
      await source.query('ALTER TABLE cart_items DROP CONSTRAINT cart_items_quantity_check');
      await source.query('ALTER TABLE cart_items ADD CONSTRAINT cart_items_quantity_check CHECK (quantity >= 0)');
      const drifted = await database.contents();
      await rebuildFromEntities(source);
      const built = (await database.contents()).filter(isComparable);
      expect(built.filter((line) => !drifted.includes(line))).toEqual([
        'constraint cart_items.cart_items_quantity_check CHECK ((quantity > 0))',
        expect.stringMatching(/^index outbox_unpublished_idx .* WHERE \(published_at IS NULL\)$/),
      ]);
    });
  });
});
