// @ts-check
/**
 * node bench/request-cost.mjs [--running]
 * The CPU milliseconds that one request costs, which stay the same on a busy machine where its rate does not: of one
 * HTTP worker, of all processes of the stack, and through Nginx; beside an empty Nest route and a bare Node handler
 * that reads one key of Redis. On a stack of its own, or on the one of STACK_DIR that runs already.
 */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import { exactTime, httpWorkersOf, perOperation, processorTime } from './processor-time.mjs';
import { begin, beginStack, call, end, runningStack } from './stack.mjs';

const CONNECTIONS = Number(process.env.BENCH_CONNECTIONS ?? 50);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 8_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const CUSTOMERS = 20;
const LINES_OF_A_CART = 3;

/** @param {string} base */
async function makeCustomer(base) {
  const account = { email: `cost-${randomUUID()}@example.com`, password: 'correct horse battery', name: 'Cost' };
  return (await call(base, 'POST', '/v1/auth/register', account)).accessToken;
}

/**
 * @typedef {{ what: string, base: string, requests: autocannon.Request[], count?: number, pids: () => number[] }} Case
 * @param {Case} asked @param {Record<string, number | number[]>} stackPids
 */
async function measure({ what, base, requests, count = REQUESTS, pids }, stackPids) {
  const options = { url: base, connections: CONNECTIONS, requests, tlsOptions: { rejectUnauthorized: false } };
  const warm = await autocannon({ ...options, amount: Math.max(CONNECTIONS, Math.floor(count / 4)) });
  if (warm.non2xx > 0 || warm.errors > 0) throw new Error(`${what}: ${warm.non2xx} answers were not 2xx`);
  const before = { watched: exactTime(pids()), all: processorTime(stackPids) };
  const result = await autocannon({ ...options, amount: count });
  const watched = (exactTime(pids()) - before.watched) / result.requests.total;
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${what}: ${result.non2xx} answers were not 2xx`);
  return { what, watched, all: perOperation(before.all, processorTime(stackPids), result.requests.total) };
}

/** @param {Awaited<ReturnType<typeof measure>>} figure @param {number} bare */
function row({ what, watched, all }, bare) {
  const parts = ['app', 'nginx', 'postgres', 'redis'].map((part) => (all[part] ?? 0).toFixed(3));
  return `| ${what} | ${watched.toFixed(3)} | ${(watched / bare).toFixed(1)} | ${parts.join(' | ')} |`;
}

/** @param {any} stack @param {(child: import('node:child_process').ChildProcess) => void} started @returns {Promise<Case[]>} */
async function casesOf(stack, started) {
  const [base] = stack.apiUrls;
  const workers = httpWorkersOf(stack.pids.app[0]);
  const allWorkers = () => stack.pids.app.flatMap(httpWorkersOf);
  const nginx = [stack.pids.nginx].flat();
  const { items } = await call(base, 'GET', '/v1/products?pageSize=100');
  const ids = items.map((/** @type {{id: string}} */ { id }) => id);
  const key = `product:${ids[0]}`;
  await call(base, 'GET', `/v1/products/${ids[0]}`);
  const categories = [...new Set(items.map((/** @type {any} */ { category }) => category.id))].slice(0, 10);
  const tokens = [];
  for (let i = 0; i < CUSTOMERS; i += 1) tokens.push(await makeCustomer(base));

  const bare = async (/** @type {string[]} */ args) => {
    const { child, said } = await begin(['bench/bare-server.mjs', ...args], process.env, /\d+\n/);
    started(child);
    return { base: `http://127.0.0.1:${said.trim()}`, pids: () => [child.pid ?? 0] };
  };
  const details = ids.map((/** @type {string} */ id) => ({ path: `/v1/products/${id}` }));
  const lists = categories.map((id) => ({ path: `/v1/products?category=${id}` }));
  const bearer = (/** @type {string} */ token) => ({ authorization: `Bearer ${token}` });
  const adding = tokens.flatMap((token, i) =>
    Array.from({ length: LINES_OF_A_CART }, (_, line) => ({
      method: /** @type {const} */ ('POST'),
      path: '/v1/cart/items',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify({ productId: ids[(i + line) % ids.length], quantity: 1 }),
    })),
  );
  const one = { base, pids: () => workers };
  const throughNginx = {
    base: stack.baseUrl,
    pids: () => [...allWorkers(), ...nginx],
  };
  return [
    { what: 'bare Redis handler', requests: [{ path: '/' }], ...(await bare(['redis', stack.redis, key])) },
    { what: 'empty Nest route', requests: [{ path: '/empty' }], ...(await bare(['nest'])) },
    { what: 'product detail, cached', requests: details, ...one },
    { what: 'list of a category, cached', requests: lists, ...one },
    { what: 'add to cart', requests: adding, count: Math.floor(REQUESTS / 5), ...one },
    { what: 'cart', requests: tokens.map((token) => ({ path: '/v1/cart', headers: bearer(token) })), ...one },
    { what: 'product detail, Nginx with TLS', requests: details, ...throughNginx },
    { what: 'list of a category, Nginx with TLS', requests: lists, ...throughNginx },
  ];
}

const children = /** @type {import('node:child_process').ChildProcess[]} */ ([]);
try {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  if (!process.argv.includes('--running')) {
    children.push((await beginStack({ WEB_CONCURRENCY: '1' })).child);
  }
  const stack = runningStack();
  const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
  const cases = await casesOf(stack, (child) => children.push(child));
  const chosen = cases.filter(({ what }) => !only || what === cases[0]?.what || what.includes(only));
  /** @type {Awaited<ReturnType<typeof measure>>[]} */
  const figures = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, asked] of chosen.entries()) {
      const figure = await measure(asked, stack.pids);
      const best = figures[i];
      if (!best || figure.watched < best.watched) figures[i] = figure;
    }
  }
  const bare = figures[0]?.watched ?? 1;
  process.stdout.write(`
${REQUESTS} requests a case (a fifth of that to add to a cart) over ${CONNECTIONS} connections, the cheapest of ${ROUNDS} rounds. CPU
milliseconds a request: of the one worker (or of both servers' workers and Nginx), as a multiple of the bare handler,
and of all processes of a part, their background work included.

| request | CPU ms | times bare | app | nginx | postgres | redis |
| --- | --- | --- | --- | --- | --- | --- |
${figures.map((figure) => row(figure, bare)).join('\n')}
`);
} finally {
  for (const child of children.reverse()) await end(child);
}
