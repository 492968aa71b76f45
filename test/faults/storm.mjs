// @ts-check
/**
 * npm run test:storm [-- --repeats 20] [-- --buyers 500] [-- --units 50] [-- --report]
 * That many customers check out the same product in the same moment, through Nginx and all workers. Exactly as many as
 * there are units get one; the others are told there is none left; nobody gets a 5xx.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const ROOT = path.join(import.meta.dirname, '..', '..');
process.env.STACK_DIR ||= path.join(ROOT, '.local', 'storm');
process.env.PORT_OFFSET ||= '6700';
process.env.RATE_LIMIT_SCALE ||= '1000000';
// The certificate is of our own making.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

const { Admin, inLanes } = await import('./admin.mjs');
const { makePlan } = await import('../../local/stack/plan.mjs');
const { bringDown, bringUp, wipe } = await import('../../local/stack/running.mjs');
const { stackFile } = await import('../../local/stack/stack-file.mjs');
const { runCommand, say, Trouble } = await import('../../local/stack/say.mjs');
const { stopRequested } = await import('../../local/stack/signals.mjs');
const { default: pg } = await import('pg');

const ADDRESS = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };
const PAID_WITHIN_MS = 120_000;

/** @typedef {{ bearer: string, addressId: string }} Customer */
/** @typedef {{ checkouts: number[], orders: number[], placed: string[], refused: number, breaches: string[] }} Storm */

/** @param {string} baseUrl @param {string} method @param {string} route @param {object} [body] @param {string} [bearer] */
async function send(baseUrl, method, route, body, bearer) {
  const started = performance.now();
  const response = await fetch(baseUrl + route, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  });
  const text = await response.text();
  const ms = performance.now() - started;
  return { status: response.status, body: text === '' ? null : JSON.parse(text), ms };
}

/** @param {string} baseUrl @returns {Promise<Customer>} */
async function signUp(baseUrl) {
  const email = `storm-${randomUUID()}@example.com`;
  const account = { email, password: 'correct horse battery', name: 'Sam Storm' };
  const { body: session } = await send(baseUrl, 'POST', '/v1/auth/register', account);
  const { body: address } = await send(baseUrl, 'POST', '/v1/users/me/addresses', ADDRESS, session.accessToken);
  return { bearer: session.accessToken, addressId: address.id };
}

/** @param {string} baseUrl @param {Customer} customer @param {Storm} storm */
async function buy(baseUrl, { bearer, addressId }, storm) {
  const checkout = await send(baseUrl, 'POST', '/v1/checkouts', { shippingAddressId: addressId }, bearer);
  storm.checkouts.push(checkout.ms);
  if (checkout.status === 409 && checkout.body.code === 'checkout.out_of_stock') {
    storm.refused += 1;
    return;
  }
  if (checkout.status !== 201) {
    storm.breaches.push(`a checkout answered ${checkout.status} ${JSON.stringify(checkout.body)}`);
    return;
  }
  const wish = { checkoutId: checkout.body.id, payment: { provider: 'sandbox', token: 'tok_ok' } };
  const order = await send(baseUrl, 'POST', '/v1/orders', wish, bearer);
  storm.orders.push(order.ms);
  if (order.status === 201) storm.placed.push(order.body.id);
  else storm.breaches.push(`an order answered ${order.status} ${JSON.stringify(order.body)}`);
}

/** @param {any} stack @param {InstanceType<typeof Admin>} admin @param {Customer[]} customers @param {number} units @returns {Promise<Storm>} */
async function storm(stack, admin, customers, units) {
  const [productId] = await admin.newProducts(1, units);
  await inLanes(customers, 24, async ({ bearer }) => {
    await send(stack.baseUrl, 'DELETE', '/v1/cart', undefined, bearer);
    await send(stack.baseUrl, 'POST', '/v1/cart/items', { productId, quantity: 1 }, bearer);
  });
  /** @type {Storm} */
  const result = { checkouts: [], orders: [], placed: [], refused: 0, breaches: [] };
  await Promise.all(customers.map((customer) => buy(stack.baseUrl, customer, result)));

  const { placed, refused, breaches } = result;
  if (placed.length !== units) breaches.push(`${placed.length} orders for ${units} units`);
  if (placed.length + refused !== customers.length) breaches.push(`${placed.length} placed and ${refused} refused`);
  if (!(await allPaid(stack, placed))) breaches.push(`not all were paid within ${PAID_WITHIN_MS / 1000} s`);
  const stock = await rows(
    stack.postgres.products,
    'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1',
    [productId],
  );
  if (stock[0].quantity !== 0 || stock[0].reserved_quantity !== 0) breaches.push(`stock ${JSON.stringify(stock[0])}`);
  return result;
}

/** Every order paid and its stock gone. @param {any} stack @param {string[]} orderIds */
async function allPaid(stack, orderIds) {
  const deadline = Date.now() + PAID_WITHIN_MS;
  while (Date.now() < deadline) {
    const open = await rows(
      stack.postgres.orders,
      `SELECT id FROM orders WHERE id = ANY($1) AND status NOT IN ('confirmed', 'processing')`,
      [orderIds],
    );
    const held = await rows(
      stack.postgres.products,
      `SELECT id FROM reservations WHERE order_id = ANY($1) AND status <> 'committed'`,
      [orderIds],
    );
    if (open.length === 0 && held.length === 0) return true;
    await sleep(300);
  }
  return false;
}

/** @param {string} url @param {string} text @param {unknown[]} values @returns {Promise<any[]>} */
async function rows(url, text, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** @param {number[]} times @param {number} share */
function percentile(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

/** @param {Storm[]} storms @param {number} buyers @param {number} units */
function reportOf(storms, buyers, units) {
  const lines = storms.map(
    ({ placed, refused, checkouts, orders, breaches }, i) =>
      `| ${i + 1} | ${placed.length} | ${refused} | ${percentile(checkouts, 0.5)} | ${percentile(checkouts, 0.95)} | ${percentile(orders, 0.5)} | ${percentile(orders, 0.95)} | ${breaches.length} |`,
  );
  return `# The storm

\`npm run test:storm -- --report\` on one 2-core machine that runs everything, the ${buyers} customers included: all of them
check out the same product in the same moment, ${units} units of it, through Nginx (TLS) and the workers of both servers.
Exactly ${units} orders each time, all paid, stock 0 and nothing reserved; the others get 409 \`checkout.out_of_stock\`; no 5xx.
Times in milliseconds are those of requests that all arrive at once: the last waits for the ${buyers - 1} before it.

| repeat | orders | told there is none left | checkout p50 | checkout p95 | order p50 | order p95 | breaches |
| --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

/** @param {any} stack @param {{ repeats: number, buyers: number, units: number, report: boolean }} wish */
async function runStorms(stack, { repeats, buyers, units, report }) {
  const admin = new Admin(stack);
  await admin.signIn();
  /** @type {Customer[]} */
  const customers = [];
  await inLanes(Array.from({ length: buyers }), 8, async () => {
    customers.push(await signUp(stack.baseUrl));
  });
  say(`${buyers} customers have signed up`);
  /** @type {Storm[]} */
  const storms = [];
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const result = await storm(stack, admin, customers, units);
    storms.push(result);
    const p95 = `checkout p95 ${percentile(result.checkouts, 0.95)} ms, order p95 ${percentile(result.orders, 0.95)} ms`;
    say(`storm ${repeat}: ${result.placed.length} orders, ${result.refused} refused, ${p95}`);
    for (const breach of result.breaches) say(`  BREACH ${breach}`);
    if (report) fs.writeFileSync(path.join(ROOT, 'docs/results/storm.md'), reportOf(storms, buyers, units));
  }
  return storms;
}

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      repeats: { type: 'string', default: '20' },
      buyers: { type: 'string', default: '500' },
      units: { type: 'string', default: '50' },
      report: { type: 'boolean', default: false },
    },
  });
  const [repeats, buyers, units] = [values.repeats, values.buyers, values.units].map(Number);
  const interrupted = stopRequested().then(() => Promise.reject(new Trouble('stopped')));
  interrupted.catch(() => {});
  const plan = makePlan('start');
  wipe(plan);
  await bringUp(plan);
  /** @type {Storm[]} */
  let storms = [];
  try {
    const stack = JSON.parse(fs.readFileSync(stackFile(plan), 'utf8'));
    storms = await Promise.race([runStorms(stack, { repeats, buyers, units, report: values.report }), interrupted]);
  } finally {
    await bringDown(plan);
  }
  const breaches = storms.reduce((sum, { breaches: found }) => sum + found.length, 0);
  say(`${storms.length} storms, ${breaches} breaches`);
  return breaches === 0 ? 0 : 1;
});
