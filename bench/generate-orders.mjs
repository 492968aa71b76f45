// @ts-check
/**
 * node bench/generate-orders.mjs --live 1000000 --archived 1000000
 * Orders as the shop has them after a year, for measuring only: their stock was never moved and the provider knows none
 * of their charges, so `npm run consistency` would complain. Live ones go into the orders database, archived ones into
 * MongoDB, the payments and placements of both into the orders database. Needs the stack of STACK_DIR; its customers own
 * them, of whom there must be one.
 */
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { copyLines, line } from './copy-lines.mjs';
import { rowsOf } from './database.mjs';
import { orderFactory } from './order-factory.mjs';
import { runningStack } from './stack.mjs';

const AT_ONCE = 5_000;
const PRODUCTS = 500;

const { values } = parseArgs({
  options: { live: { type: 'string', default: '1000' }, archived: { type: 'string', default: '0' } },
});
const counts = { live: Number(values.live), archived: Number(values.archived) };
if (![counts.live, counts.archived].every((count) => Number.isSafeInteger(count) && count >= 0)) {
  console.error('usage: generate-orders.mjs --live <orders> --archived <orders>');
  process.exit(64);
}

const stack = runningStack();
const customers = await rowsOf(
  stack.postgres.users,
  `SELECT users.id AS "userId", addresses.id, street, city, state, zip_code AS "zipCode", country
   FROM users JOIN addresses ON addresses.user_id = users.id
   ORDER BY users.id`,
);
const products = await rowsOf(
  stack.postgres.products,
  `SELECT id, sku, name, price FROM products WHERE deleted_at IS NULL ORDER BY id LIMIT $1`,
  [PRODUCTS],
);
if (customers.length === 0 || products.length === 0) throw new Error('there are no customers or no products');

const client = new pg.Client({ connectionString: stack.postgres.orders });
await client.connect();
const mongo = await MongoClient.connect(stack.mongo);
const history = mongo.db().collection('order_history');
const makeOrder = orderFactory(customers, products);

/** @typedef {ReturnType<typeof makeOrder>} Order */

/** Numbers of the shop's own sequence, so that its next order has another. @param {number} count */
async function takeNumbers(count) {
  const { rows } = await client.query(
    `SELECT nextval('order_numbers')::text AS number FROM generate_series(1, $1::int)`,
    [count],
  );
  return rows.map(({ number }) => `TP-${number}`);
}

/** @param {Order[]} orders what stays for ever */
async function copyPayments(orders) {
  await copyLines(
    client,
    'placements (checkout_id, order_id, cart_id, cart_version, status, created_at)',
    orders.map((o) =>
      line([o.checkoutId, o.id, o.cartId, 1, o.status === 'cancelled' ? 'ended' : 'live', o.createdAt]),
    ),
  );
  await copyLines(
    client,
    `payments (id, order_id, user_id, provider, token, amount, refunded_amount, status, charge_id, traceparent, tries,
       next_try_at, first_tried_at, first_answered_at, version, created_at, updated_at)`,
    orders.map((o) =>
      line([
        ...[o.paymentId, o.id, o.userId, 'sandbox', 'tok_ok', o.total, o.status === 'cancelled' ? o.total : '0'],
        ...[o.status === 'cancelled' ? 'refunded' : 'succeeded', `ch_${o.paymentId}`, o.traceparent, 1],
        ...[o.createdAt, o.createdAt, o.createdAt, 3, o.createdAt, o.createdAt],
      ]),
    ),
  );
}

/** @param {Order[]} orders */
async function copyLive(orders) {
  await copyLines(
    client,
    `orders (id, number, user_id, total_amount, subtotal_amount, status, shipping_address_id, shipping_address,
       shipping_method, payment_id, checkout_id, cancel_reason, version, created_at, updated_at, completed_at)`,
    orders.map((o) =>
      line([
        ...[o.id, o.number, o.userId, o.total, o.total, o.status, o.address.id, JSON.stringify(o.address)],
        ...['standard', o.paymentId, o.checkoutId, o.cancelReason, o.version, o.createdAt, o.updatedAt, o.completedAt],
      ]),
    ),
  );
  await copyLines(
    client,
    'order_items (id, order_id, line, product_id, sku, name, quantity, price_at_purchase)',
    orders.flatMap((o) =>
      o.items.map((item, i) =>
        line([
          item.id,
          o.id,
          i + 1,
          item.product.id,
          item.product.sku,
          item.product.name,
          item.quantity,
          item.product.price,
        ]),
      ),
    ),
  );
  await copyLines(
    client,
    'shipments (id, order_id, status, carrier, tracking_number, created_at, shipped_at, delivered_at)',
    orders.flatMap(({ id, shipment: s }) =>
      s ? [line([s.id, id, s.status, s.carrier, s.trackingNumber, s.createdAt, s.shippedAt, s.deliveredAt])] : [],
    ),
  );
}

/** @param {'live' | 'archived'} kind */
async function generate(kind) {
  const count = counts[kind];
  for (let made = 0; made < count;) {
    const numbers = await takeNumbers(Math.min(AT_ONCE, count - made));
    const orders = numbers.map((number) => makeOrder(kind, number));
    await client.query('BEGIN');
    await client.query('SET LOCAL synchronous_commit = off');
    await copyPayments(orders);
    if (kind === 'live') await copyLive(orders);
    await client.query('COMMIT');
    const documents = kind === 'archived' ? orders.map((o) => o.document()) : [];
    if (documents.length > 0) await history.insertMany(documents, { ordered: false });
    made += orders.length;
    if (made === count || made % (AT_ONCE * 20) === 0) console.log(`${made} ${kind} orders`);
  }
}

await generate('archived');
await generate('live');
for (const table of ['orders', 'order_items', 'payments', 'placements', 'shipments']) {
  await client.query(`VACUUM (ANALYZE) ${table}`);
}
await client.end();
await mongo.close();
