import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Connection } from '../../../src/database/connections';
import { isPostgresError } from '../../../src/database/sql';
import { ScratchDatabase } from '../../support/scratch-database';

/** A statement, and the constraint that must refuse it. */
type Refused = readonly [what: string, connection: Connection, statement: string, constraint: string];

const A = '01900000-0000-7000-8000-00000000000a';
const B = '01900000-0000-7000-8000-00000000000b';
const C = '01900000-0000-7000-8000-00000000000c';

const CHECKOUT = `INSERT INTO checkouts (id, user_id, order_id, cart_id, cart_version, lines, subtotal_amount, total_amount,
    shipping_address_id, shipping_address, shipping_method, expires_at)
  VALUES (gen_random_uuid(), '${A}', gen_random_uuid(), '${A}', 1, '[]', 1, 1, '${A}', '{}', 'standard', shop_now())`;
const PLACEMENT = `INSERT INTO placements (checkout_id, order_id, cart_id, cart_version, status)`;
const PAYMENT = `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent)`;

/** What a promise rests on when every line of the code is wrong: the database itself says no. */
const REFUSED: readonly Refused[] = [
  [
    'more set aside than there is',
    'products',
    `UPDATE inventory SET reserved_quantity = quantity + 1 WHERE product_id = '${A}'`,
    'inventory_never_oversold_check',
  ],
  [
    'less than nothing set aside',
    'products',
    `UPDATE inventory SET reserved_quantity = -1 WHERE product_id = '${A}'`,
    'inventory_never_oversold_check',
  ],
  [
    'less on hand than is set aside',
    'products',
    `UPDATE inventory SET quantity = reserved_quantity - 1 WHERE product_id = '${A}'`,
    'inventory_never_oversold_check',
  ],
  ['a second open checkout of a customer', 'products', CHECKOUT, 'checkouts_one_held_idx'],
  [
    'a second placement of a checkout',
    'orders',
    `${PLACEMENT} VALUES ('${A}', '${C}', '${B}', 9, 'live')`,
    'placements_pkey',
  ],
  [
    'a second live order of a cart version',
    'orders',
    `${PLACEMENT} VALUES ('${C}', '${C}', '${A}', 1, 'live')`,
    'placements_one_order_a_cart_version_idx',
  ],
  [
    'a second payment of an order',
    'orders',
    `${PAYMENT} VALUES ('${B}', '${A}', '${A}', 'sandbox', 'tok_ok', 10, '')`,
    'payments_order_id_key',
  ],
  [
    'more refunded than was paid',
    'orders',
    `UPDATE payments SET refunded_amount = amount + 0.01 WHERE id = '${A}'`,
    'payments_refunded_amount_check',
  ],
  [
    'a second refund for one cause',
    'orders',
    `INSERT INTO refunds (id, payment_id, cause, amount, reason) VALUES ('${B}', '${A}', 'order_cancelled', 1, '')`,
    'refunds_cause_key',
  ],
  [
    'an event taken a second time by a group',
    'orders',
    `INSERT INTO inbox (listener_group, event_id) VALUES ('tradepost-shipping', '${A}')`,
    'inbox_pkey',
  ],
  [
    'a second answer of a key',
    'orders',
    `INSERT INTO idempotency_keys (scope, key, request_hash, response) VALUES ('a', 'b', 'c', '{}')`,
    'idempotency_keys_pkey',
  ],
];

describe('the database itself refuses', () => {
  const scratch = new Map<Connection, ScratchDatabase>();
  const sources = new Map<Connection, DataSource>();
  const query = (connection: Connection, statement: string): Promise<unknown> => {
    const source = sources.get(connection);
    if (!source) throw new Error(`no ${connection} database`);
    return source.query(statement);
  };

  beforeAll(async () => {
    for (const connection of ['products', 'orders'] as const) {
      const database = await ScratchDatabase.create(connection);
      scratch.set(connection, database);
      const source = await database.open();
      await source.runMigrations();
      sources.set(connection, source);
    }
    const category = randomUUID();
    await query('products', `INSERT INTO categories (id, name) VALUES ('${category}', 'Things')`);
    await query(
      'products',
      `INSERT INTO products (id, name, price, sku, category_id) VALUES ('${A}', 'Thing', 1, 'T', '${category}')`,
    );
    await query(
      'products',
      `INSERT INTO inventory (product_id, warehouse_id, quantity, reserved_quantity) VALUES ('${A}', '${A}', 5, 3)`,
    );
    await query('products', CHECKOUT);
    await query('orders', `${PLACEMENT} VALUES ('${A}', '${A}', '${A}', 1, 'live')`);
    await query('orders', `${PAYMENT} VALUES ('${A}', '${A}', '${A}', 'sandbox', 'tok_ok', 10, '')`);
    await query(
      'orders',
      `INSERT INTO refunds (id, payment_id, cause, amount, reason) VALUES ('${A}', '${A}', 'order_cancelled', 1, '')`,
    );
    await query('orders', `INSERT INTO inbox (listener_group, event_id) VALUES ('tradepost-shipping', '${A}')`);
    await query(
      'orders',
      `INSERT INTO idempotency_keys (scope, key, request_hash, response) VALUES ('a', 'b', 'c', '{}')`,
    );
  });
  afterAll(() => Promise.all([...scratch.values()].map((database) => database.drop())));

  it.each(REFUSED)('%s', async (_what, connection, statement, constraint) => {
    const error: unknown = await query(connection, statement).then(
      () => null,
      (failure: unknown) => failure,
    );
    const cause = error instanceof Error && 'driverError' in error ? error.driverError : error;
    expect(isPostgresError(cause) ? cause.constraint : error).toBe(constraint);
  });
});
