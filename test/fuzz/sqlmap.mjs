// @ts-check
/**
 * npm run test:sqlmap [-- --level 2]
 * sqlmap on every parameter of the routes that search and list, their cursors and the headers that are looked up, past
 * Nginx and with the limits away, on a stack of its own. Needs Python 3.10.
 */
import { spawn } from 'node:child_process';
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

const ID = '0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001';
/** As lists give it out: base64url of a time and an id, or of a number. */
const CURSOR = Buffer.from(`2026-03-14T09:26:53.589Z|${ID}`).toString('base64url');
const POSITION = Buffer.from('1000').toString('base64url');

/** `*` marks what sqlmap tries besides the parameters of the query. @param {string} category one that is there */
const targets = (category) => [
  {
    path: `/v1/products/search?q=lamp&category=${category}&minPrice=1.00&maxPrice=90.00&inStock=true&sort=price&page=1`,
  },
  { path: '/v1/products/search?q=lamp', headers: ['If-None-Match: "1"*'] },
  { path: '/v1/products/suggestions?q=la' },
  { path: `/v1/products?category=${category}&sort=name&page=1&pageSize=5` },
  { path: '/v1/products/by-slug/camping-lantern*' },
  { path: `/v1/products/${ID}*` },
  { path: '/v1/cart', headers: ['X-Cart-Token: made-up*'] },
  { path: `/v1/orders?cursor=${CURSOR}&limit=5` },
  { path: `/v1/admin/orders?status=pending&cursor=${CURSOR}&limit=5` },
  { path: `/v1/admin/users?cursor=${CURSOR}&limit=5` },
  { path: `/v1/admin/products?sku=LAN-001&category=${category}&deleted=all&cursor=${CURSOR}&limit=5` },
  { path: `/v1/admin/audit-log?subjectType=product&subjectId=${ID}&actorId=${ID}&action=a&cursor=${POSITION}&limit=5` },
  { path: `/v1/admin/dead-letters?status=open&group=a&topic=order-events&cursor=${CURSOR}&limit=5` },
];

/** @param {string} baseUrl @param {{ email: string, password: string }} admin */
async function signIn(baseUrl, admin) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${baseUrl}/v1/auth/login`, { method: 'POST', headers, body: JSON.stringify(admin) });
  if (!answer.ok) throw new Trouble(`the admin is not let in: ${answer.status}`);
  return (await answer.json()).accessToken;
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
    const token = await signIn(baseUrl, adminLogin(plan));
    const { items } = await (await fetch(`${baseUrl}/v1/categories`)).json();
    const all = targets(items[0].id);
    for (const { path: target, headers = [] } of all) {
      if (interrupted) return 1;
      const args = ['-c', 'import sys; sys.argv[0] = "sqlmap"; from sqlmap.sqlmap import main; sys.exit(main())'];
      args.push(
        '-u',
        `${baseUrl}${target}`,
        '--batch',
        '--flush-session',
        '--output-dir',
        path.join(reports, 'sqlmap'),
      );
      args.push('--dbms', 'PostgreSQL', '--level', values.level, '--risk', '2', '--threads', '2', '--time-sec', '5');
      args.push('--headers', [`Authorization: Bearer ${token}`, ...headers].join('\n'), '--ignore-code', '*');
      // The other parts of a request would be tried with each target anew.
      args.push('--skip', 'user-agent,referer,host,cookie,authorization', '--disable-coloring');
      const text = await output(program, args, stop);
      fs.appendFileSync(path.join(reports, 'sqlmap.log'), `== ${target}\n${text}\n`);
      const clean = text.includes('all tested parameters do not appear to be injectable');
      if (!clean) injectable += 1;
      const answers = [...text.matchAll(/\b(\d+) times/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      say(
        `${clean ? 'not injectable' : 'LOOK AT IT'}: ${target.split('?')[0]} ${headers.join(' ')} (${answers} refusals)`,
      );
    }
    say(`${all.length} targets, ${injectable} to look at: ${path.join(reports, 'sqlmap.log')}`);
  } finally {
    await bringDown(plan);
  }
  return injectable === 0 ? 0 : 1;
});
