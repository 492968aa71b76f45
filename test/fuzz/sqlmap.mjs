// @ts-check
/**
 * npm run test:sqlmap [-- --level 2]
 * sqlmap on every parameter of the routes that search and list, their cursors and the headers that are looked up, past
 * Nginx and with the limits away, on a stack of its own. Needs Python 3.10.
 */
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makePlan, ROOT } from '../../local/stack/plan.mjs';
import { bringDown, bringUp, wipe } from '../../local/stack/running.mjs';
import { runCommand, say, Trouble } from '../../local/stack/say.mjs';
import { adminLogin, apiUrls } from '../../local/stack/settings.mjs';
import { stopRequested } from '../../local/stack/signals.mjs';
import { python } from './python.mjs';

process.env.STACK_DIR ||= path.join(ROOT, '.local', 'fuzz');
process.env.PORT_OFFSET ||= '7300';

/** Dead letters are none: a cursor as their list would give it out. */
const CURSOR = Buffer.from('2026-03-14T09:26:53.589Z|0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001').toString('base64url');

/** @typedef {{ path: string, headers?: string[], token?: string }} Target */
/** @typedef {Record<string, string>} Headers */

/** @param {string} url @param {Headers} headers @param {object} [body] @returns {Promise<Response>} */
async function ask(url, headers, body) {
  const method = body ? 'POST' : 'GET';
  const sent = body
    ? { ...headers, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    : headers;
  const answer = await fetch(url, { method, headers: sent, body: body ? JSON.stringify(body) : null });
  if (answer.status >= 400) throw new Trouble(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** Two orders of Ada's, two entries of the audit log and a guest's cart; `*` marks what sqlmap tries besides the query. */
/** @param {string} shop @param {{ email: string, password: string }} admin @returns {Promise<Target[]>} */
async function targetsIn(shop, admin) {
  // Built by now.
  const { DEMO_CATEGORY, DEMO_CUSTOMER, DEMO_PRODUCT } = (await import('../../dist/src/common/demo-data.js')).default;
  /** @param {{ email: string, password: string }} who @returns {Promise<string>} */
  const signIn = async ({ email, password }) =>
    (await (await ask(`${shop}/v1/auth/login`, {}, { email, password })).json()).accessToken;
  const [ada, staff] = [await signIn(DEMO_CUSTOMER), await signIn(admin)];
  /** @param {string} token @param {string} path @param {object} [body] */
  const json = async (token, path, body) =>
    (await ask(`${shop}${path}`, { authorization: `Bearer ${token}` }, body)).json();
  /** @param {string} token @param {string} path @returns {Promise<string>} */
  const cursorOf = async (token, path) => {
    const { page } = await json(token, `${path}?limit=1`);
    if (typeof page.nextCursor !== 'string') throw new Trouble(`${path} has one page only`);
    return page.nextCursor;
  };

  const item = { productId: DEMO_PRODUCT.id, quantity: 1 };
  for (const name of ['first', 'second']) {
    await json(ada, '/v1/cart/items', item);
    const checkout = await json(ada, '/v1/checkouts', { shippingAddressId: DEMO_CUSTOMER.addressId });
    await json(ada, '/v1/orders', { checkoutId: checkout.id, payment: { provider: 'sandbox', token: 'tok_ok' } });
    await json(staff, '/v1/admin/categories', { name: `Audited ${name}` });
  }
  const guest = (await ask(`${shop}/v1/cart/items`, {}, item)).headers.get('x-cart-token');
  const [entry] = (await json(staff, '/v1/admin/audit-log?limit=1')).items;
  const ofEntry = new URLSearchParams({
    subjectType: entry.subjectType,
    subjectId: entry.subjectId,
    actorId: entry.actorId,
    action: entry.action,
  });
  const { id, slug, sku } = DEMO_PRODUCT;
  const category = DEMO_CATEGORY.id;
  const search = `/v1/products/search?q=lamp&category=${category}&minPrice=1.00&maxPrice=90.00`;
  return [
    { path: `${search}&inStock=true&sort=price&page=1` },
    { path: '/v1/products/search?q=lamp', headers: ['If-None-Match: "1"*'] },
    { path: '/v1/products/suggestions?q=la' },
    { path: `/v1/products?category=${category}&sort=name&page=1&pageSize=5` },
    { path: `/v1/products/by-slug/${slug}*` },
    { path: `/v1/products/${id}*` },
    { path: '/v1/cart', headers: [`X-Cart-Token: ${guest}*`] },
    { path: `/v1/orders?cursor=${await cursorOf(ada, '/v1/orders')}&limit=5`, token: ada },
    {
      path: `/v1/admin/orders?status=processing&cursor=${await cursorOf(staff, '/v1/admin/orders')}&limit=5`,
      token: staff,
    },
    { path: `/v1/admin/users?cursor=${await cursorOf(staff, '/v1/admin/users')}&limit=5`, token: staff },
    {
      path: `/v1/admin/products?sku=${sku}&category=${category}&deleted=all&cursor=${await cursorOf(staff, '/v1/admin/products')}&limit=5`,
      token: staff,
    },
    {
      path: `/v1/admin/audit-log?${ofEntry.toString()}&cursor=${await cursorOf(staff, '/v1/admin/audit-log')}&limit=5`,
      token: staff,
    },
    { path: `/v1/admin/dead-letters?status=open&group=a&topic=order-events&cursor=${CURSOR}&limit=5`, token: staff },
  ];
}

/** @param {Target} target @returns {string[]} */
const headersOf = ({ headers = [], token }) => [...(token ? [`Authorization: Bearer ${token}`] : []), ...headers];

/** What is refused as it is would be refused however it is spoiled. @param {string} shop @param {Target} target */
async function mustBeTaken(shop, target) {
  const headers = headersOf(target).map((line) => line.replace(/\*$/, '').split(': '));
  await ask(`${shop}${target.path.replace(/\*$/, '')}`, Object.fromEntries(headers));
}

/** @param {string} program @param {string[]} args @param {Promise<unknown>} stop @returns {Promise<string>} */
function output(program, args, stop) {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += String(data)));
  void stop.then(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve(text)));
}

await runCommand(async () => {
  const { values } = parseArgs({ options: { level: { type: 'string', default: '2' } } });
  const program = await python();
  const plan = makePlan('start');
  plan.environment.RATE_LIMIT_SCALE = '100000';
  const stop = stopRequested();
  let interrupted = false;
  void stop.then(() => (interrupted = true));
  const reports = path.join(plan.stackDir, 'fuzz');
  let injectable = 0;
  wipe(plan);
  try {
    await bringUp(plan);
    fs.mkdirSync(reports, { recursive: true });
    const [baseUrl = ''] = apiUrls(plan);
    const all = await targetsIn(baseUrl, adminLogin(plan));
    for (const target of all) await mustBeTaken(baseUrl, target);
    for (const target of all) {
      if (interrupted) return 1;
      const args = ['-c', 'import sys; sys.argv[0] = "sqlmap"; from sqlmap.sqlmap import main; sys.exit(main())'];
      args.push(
        '-u',
        `${baseUrl}${target.path}`,
        '--batch',
        '--flush-session',
        '--output-dir',
        path.join(reports, 'sqlmap'),
      );
      args.push('--dbms', 'PostgreSQL', '--level', values.level, '--risk', '2', '--threads', '2', '--time-sec', '5');
      args.push('--headers', headersOf(target).join('\n'), '--ignore-code', '*');
      // A refusal is taken for a firewall, and then all of its ways around one are tried.
      args.push('--skip-waf');
      // The other parts of a request would be tried with each target anew.
      args.push('--skip', 'user-agent,referer,host,cookie,authorization', '--disable-coloring');
      const text = await output(program, args, stop);
      fs.appendFileSync(path.join(reports, 'sqlmap.log'), `== ${target.path}\n${text}\n`);
      const clean = text.includes('all tested parameters do not appear to be injectable');
      if (!clean) injectable += 1;
      const answers = [...text.matchAll(/\b(\d+) times/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      say(
        `${clean ? 'not injectable' : 'LOOK AT IT'}: ${target.path.split('?')[0]} ${target.headers?.map((line) => line.split(':')[0]).join(' ') ?? ''} (${answers} refusals)`,
      );
    }
    say(`${all.length} targets, ${injectable} to look at: ${path.join(reports, 'sqlmap.log')}`);
  } finally {
    await bringDown(plan);
  }
  return injectable === 0 ? 0 : 1;
});
