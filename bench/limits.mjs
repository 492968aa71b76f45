// @ts-check
/** What cannot be beaten, measured in the same run: an empty route, one key of Redis, the SQL of a purchase. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withDatabase } from './database.mjs';
import { load } from './measure.mjs';
import { exactTime, processorTime } from './processor-time.mjs';
import { begin, call, end } from './stack.mjs';

const HELPER_ROWS = 1_000;
const PGBENCH_CLIENTS = 8;

/**
 * @typedef {{ connections: number, perSecond: number, times: import('./times.mjs').Times, cpu: number }} BareFigure
 * @typedef {{ databases: Record<string, { perSecond: number, latency: number, cpu: number }>, cpu: number, perSecond: number }} SqlFigure
 */

/** @param {string[]} args @param {string} route @param {import('./options.mjs').Options} options @returns {Promise<BareFigure[]>} */
async function bare(args, route, { connections, seconds, warmUp }) {
  const { child, said } = await begin(['bench/bare-server.mjs', ...args], process.env, /\d+\n/);
  try {
    const job = { base: `http://127.0.0.1:${said.trim()}`, asks: [{ path: route }], seconds };
    const pid = child.pid ?? 0;
    await load({ ...job, connections: 50, amount: warmUp });
    /** @type {BareFigure[]} */
    const figures = [];
    for (const count of connections) {
      const before = exactTime([pid]);
      const result = await load({ ...job, connections: count });
      figures.push({
        connections: count,
        perSecond: result.operations / result.seconds,
        times: result.times,
        cpu: (exactTime([pid]) - before) / result.operations,
      });
    }
    return figures;
  } finally {
    await end(child);
  }
}

/** On the PATH, or beside the server's programs. */
function findPgbench() {
  const beside = '/usr/lib/postgresql';
  const versions = fs.existsSync(beside) ? fs.readdirSync(beside) : [];
  const folders = [...(process.env.PATH ?? '').split(':'), ...versions.map((v) => path.join(beside, v, 'bin'))];
  return folders.map((folder) => path.join(folder, 'pgbench')).find((file) => fs.existsSync(file)) ?? null;
}

/** The script's part of each database: it begins at `-- database: <name>`. */
function scriptParts() {
  const text = fs.readFileSync(path.join(import.meta.dirname, 'purchase.pgbench.sql'), 'utf8');
  return Object.fromEntries(
    text
      .split(/^-- database: /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')).trim(), part.slice(part.indexOf('\n') + 1)]),
  );
}

/** Numbered ids for the script to draw from; taken away afterwards. @param {import('pg').Client} client @param {string} ids */
async function makeHelper(client, ids) {
  await client.query('CREATE TABLE bench_ids (n integer PRIMARY KEY, id uuid NOT NULL)');
  await client.query(`INSERT INTO bench_ids SELECT row_number() OVER (), id FROM (${ids}) AS ids`);
  return (await client.query('SELECT count(*)::int AS n FROM bench_ids')).rows[0].n;
}

const IDS = {
  users: `SELECT id FROM users WHERE email LIKE 'bench-%' LIMIT ${HELPER_ROWS}`,
  products: `SELECT product_id AS id FROM inventory WHERE quantity - reserved_quantity > 50000 LIMIT ${HELPER_ROWS}`,
  orders: `SELECT gen_random_uuid() AS id FROM generate_series(1, ${HELPER_ROWS})`,
};

/** @param {string} pgbench @param {string[]} args @returns {Promise<string>} */
function run(pgbench, args) {
  const child = spawn(pgbench, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`pgbench ended with ${code}: ${said}`)),
    );
  });
}

/** @param {string} pgbench @param {import('./stack.mjs').Stack} stack @param {'users' | 'products' | 'orders'} database @param {string} script @param {number} seconds */
async function sqlOf(pgbench, stack, database, script, seconds) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'bench-')), `${database}.sql`);
  fs.writeFileSync(file, script);
  try {
    const ids = await withDatabase(stack.postgres[database], (client) => makeHelper(client, IDS[database]));
    const args = ['-n', '-M', 'prepared', '-c', String(PGBENCH_CLIENTS), '-j', '1', '-D', `ids=${ids}`, '-f', file];
    await run(pgbench, [...args, '-T', '2', stack.postgres[database]]);
    const before = processorTime({ postgres: stack.pids.postgres ?? [] });
    const said = await run(pgbench, [...args, '-T', String(Math.max(1, seconds)), stack.postgres[database]]);
    const after = processorTime({ postgres: stack.pids.postgres ?? [] });
    const transactions = Number(/transactions actually processed: (\d+)/.exec(said)?.[1] ?? 0);
    return {
      perSecond: Number(/tps = ([\d.]+)/.exec(said)?.[1] ?? 0),
      latency: Number(/latency average = ([\d.]+)/.exec(said)?.[1] ?? 0),
      cpu: ((after.postgres ?? 0) - (before.postgres ?? 0)) / Math.max(1, transactions),
    };
  } finally {
    await withDatabase(stack.postgres[database], (client) => client.query('DROP TABLE IF EXISTS bench_ids'));
    fs.rmSync(path.dirname(file), { recursive: true, force: true });
  }
}

/** The three databases one after the other, each with all of the machine. @param {import('./stack.mjs').Stack} stack @param {number} seconds @returns {Promise<SqlFigure | null>} */
async function purchaseSql(stack, seconds) {
  const pgbench = findPgbench();
  if (!pgbench) return null;
  console.log(execFileSync(pgbench, ['--version'], { encoding: 'utf8' }).trim());
  const parts = scriptParts();
  /** @type {SqlFigure['databases']} */
  const databases = {};
  for (const database of /** @type {const} */ (['users', 'products', 'orders'])) {
    databases[database] = await sqlOf(pgbench, stack, database, parts[database] ?? '', seconds);
  }
  const all = Object.values(databases);
  return {
    databases,
    cpu: all.reduce((sum, { cpu }) => sum + cpu, 0),
    perSecond: 1 / all.reduce((sum, { perSecond }) => sum + 1 / perSecond, 0),
  };
}

/** @param {import('./stack.mjs').Stack} stack @param {string} productId @param {import('./options.mjs').Options} options */
export async function measureLimits(stack, productId, options) {
  await call(stack.baseUrl, 'GET', `/v1/products/${productId}`);
  return {
    redis: await bare(['redis', stack.redis, `product:${productId}`], '/', options),
    nest: await bare(['nest'], '/empty', options),
    sql: await purchaseSql(stack, options.seconds),
  };
}
