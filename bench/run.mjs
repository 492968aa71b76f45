// @ts-check
/**
 * npm run bench
 * Two figures on a stack of its own: whole purchases per second to `confirmed` with 32 buyers, and product details per
 * second at 50 connections; each with the CPU milliseconds per operation of every part. Written to docs/results/bench.md.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import autocannon from 'autocannon';
import { perOperation, processorTime } from './processor-time.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const STACK_DIR = path.join(ROOT, '.local', 'bench');
const BUYERS = 32;
const PURCHASES = Number(process.env.BENCH_PURCHASES ?? 1000);
const DETAIL_SECONDS = Number(process.env.BENCH_SECONDS ?? 15);
const CONFIRMED = new Set(['confirmed', 'processing']);

function startStack() {
  const env = { ...process.env, STACK_DIR, PORT_OFFSET: '2000', RATE_LIMIT_SCALE: '100000' };
  const child = spawn(process.execPath, ['local/start.mjs', '--fresh'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      process.stdout.write(text);
      if (String(text).includes('Tradepost is ready')) resolve(undefined);
    });
    child.on('exit', (code) => reject(new Error(`the stack ended with ${code}`)));
  });
  return { child, ready };
}

/** @param {string} base @param {string} method @param {string} route @param {object} [body] @param {string} [token] */
async function call(base, method, route, body, token) {
  const response = await fetch(base + route, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

/** @param {string} base @param {{email: string, password: string}} admin */
async function stockProducts(base, admin) {
  const { accessToken } = await call(base, 'POST', '/v1/auth/login', admin);
  const { items } = await call(base, 'GET', '/v1/products?pageSize=100');
  for (const { id } of items) {
    const stock = await call(base, 'GET', `/v1/admin/inventory/${id}`, undefined, accessToken);
    const change = { quantity: 100_000, expectedQuantity: stock.quantity, reason: 'benchmark' };
    await call(base, 'PATCH', `/v1/admin/inventory/${id}`, change, accessToken);
  }
  return items.map((/** @type {{id: string}} */ item) => item.id);
}

/** @param {string} base @param {number} index */
async function signUp(base, index) {
  const { accessToken } = await call(base, 'POST', '/v1/auth/register', {
    email: `bench-${index}-${randomUUID()}@example.com`,
    password: 'correct horse battery',
    name: 'Bench',
  });
  const address = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };
  const { id } = await call(base, 'POST', '/v1/users/me/addresses', address, accessToken);
  return { base, token: accessToken, addressId: id };
}

/** One whole purchase of two lines, until it is confirmed. @param {Awaited<ReturnType<typeof signUp>>} buyer @param {string[]} products */
async function purchase(buyer, products) {
  const { base, token, addressId } = buyer;
  const started = performance.now();
  const first = Math.floor(Math.random() * products.length);
  for (const productId of [products[first], products[(first + 1) % products.length]]) {
    await call(base, 'POST', '/v1/cart/items', { productId, quantity: 1 }, token);
  }
  const checkout = await call(base, 'POST', '/v1/checkouts', { shippingAddressId: addressId }, token);
  const wish = { checkoutId: checkout.id, payment: { provider: 'sandbox', token: 'tok_ok' } };
  const order = await call(base, 'POST', '/v1/orders', wish, token);
  for (;;) {
    const { status } = await call(base, 'GET', `/v1/orders/${order.id}`, undefined, token);
    if (CONFIRMED.has(status)) return performance.now() - started;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {number[]} values @param {number} share */
const percentile = (values, share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** @param {any} stack */
async function measurePurchases(stack) {
  const bases = stack.apiUrls;
  const products = await stockProducts(bases[0], stack.admin);
  const buyers = [];
  for (let i = 0; i < BUYERS; i += 1) buyers.push(await signUp(bases[i % bases.length], i));
  await Promise.all(buyers.map((buyer) => purchase(buyer, products)));

  const before = processorTime(stack.pids);
  const started = performance.now();
  /** @type {number[]} */
  const times = [];
  let left = PURCHASES;
  await Promise.all(
    buyers.map(async (buyer) => {
      while (left-- > 0) times.push(await purchase(buyer, products));
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  // The mails and the ledger of the last orders are part of their cost.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  times.sort((a, b) => a - b);
  return {
    perSecond: times.length / seconds,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    cpu: perOperation(before, processorTime(stack.pids), times.length),
  };
}

/** @param {any} stack @param {string} base */
async function measureDetails(stack, base) {
  const { items } = await call(stack.apiUrls[0], 'GET', '/v1/products?pageSize=100');
  const requests = items.map((/** @type {{id: string}} */ item) => ({ path: `/v1/products/${item.id}` }));
  const options = { url: base, connections: 50, requests, tlsOptions: { rejectUnauthorized: false } };
  await autocannon({ ...options, duration: 3 });
  const before = processorTime(stack.pids);
  const result = await autocannon({ ...options, duration: DETAIL_SECONDS });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 2xx`);
  return {
    perSecond: result.requests.average,
    p50: result.latency.p50,
    p95: result.latency.p97_5,
    cpu: perOperation(before, processorTime(stack.pids), result.requests.total),
  };
}

/** @param {string} name @param {Awaited<ReturnType<typeof measureDetails>>} figure */
function row(name, { perSecond, p50, p95, cpu }) {
  const parts = ['app', 'nginx', 'postgres', 'redis', 'kafka', 'mongo', 'provider', 'total'];
  const cells = parts.map((part) => (cpu[part] ?? 0).toFixed(2));
  return `| ${name} | ${perSecond.toFixed(1)} | ${p50.toFixed(0)} | ${p95.toFixed(0)} | ${cells.join(' | ')} |`;
}

const { child, ready } = startStack();
try {
  await ready;
  const stack = JSON.parse(fs.readFileSync(path.join(STACK_DIR, 'stack.json'), 'utf8'));
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const purchases = await measurePurchases(stack);
  const direct = await measureDetails(stack, stack.apiUrls[0]);
  const throughNginx = await measureDetails(stack, stack.baseUrl);
  const report = `# Figures to start from

\`npm run bench\` on one 2-core machine that runs everything, the driver included: ${PURCHASES} whole purchases (two
lines, add to cart to \`confirmed\`) by ${BUYERS} buyers; product details at 50 connections for ${DETAIL_SECONDS} s. CPU in
milliseconds per operation, by part. Rates are of that machine and load; compare ratios. p95 of details is p97.5.
The mailbox is not counted.

| operation | per second | p50 ms | p95 ms | app | nginx | postgres | redis | kafka | mongo | provider | total CPU ms |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${row('whole purchase to `confirmed`', purchases)}
${row('product detail, one app server', direct)}
${row('product detail, Nginx with TLS', throughNginx)}

For comparison, measured on such a machine with their own defaults: Vendure 3.7.3 8 orders/s at 187 CPU ms and 129
details/s at 12 ms; Medusa 2.21 1.1 orders/s and 48 details/s (CPU of server and PostgreSQL).
`;
  fs.writeFileSync(path.join(ROOT, 'docs/results/bench.md'), report);
  process.stdout.write(`\n${report}`);
} finally {
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('exit', resolve));
}
