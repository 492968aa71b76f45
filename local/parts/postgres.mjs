// @ts-check
/** Three PostgreSQL servers, one a database, each with an owner role (migrations) and an app role (no DDL). */
import fs from 'node:fs';
import path from 'node:path';
import crypto from 'node:crypto';
import { isRoot, run } from '../setup/programs.mjs';
import { isOpenToAll, postgresPrograms, serverUser } from '../setup/postgres-programs.mjs';
import { inStack, ROOT } from '../stack/plan.mjs';
import { say, Trouble } from '../stack/say.mjs';
import { secretsOf } from '../stack/secrets.mjs';
import { databasesHere, databaseUrl } from '../stack/settings.mjs';

/** @typedef {import('../stack/plan.mjs').Plan} Plan */
/** @typedef {'users' | 'products' | 'orders'} Database */

const CONFIGURATION = path.join(ROOT, 'config', 'postgres');
const PASSWORDS_ONLY = 'host all all 127.0.0.1/32 scram-sha-256\n';

/** The folder of the three clusters: where the server's own user can walk into. @param {Plan} plan */
export function postgresFolder(plan) {
  const inside = inStack(plan, 'data');
  if (!isRoot || isOpenToAll(inside)) return inside;
  const key = crypto.createHash('sha256').update(plan.stackDir).digest('hex').slice(0, 12);
  return path.join('/var/lib/tradepost', key);
}

/** @param {{ id: string }} instance */
const databaseOf = (instance) => /** @type {Database} */ (instance.id.replace('postgres-', ''));

/** @type {import('./all-parts.mjs').Part} */
export const postgres = {
  name: 'postgres',
  instances: (plan) =>
    databasesHere(plan).map((database) => ({
      id: `postgres-${database}`,
      title: `postgres ${database}`,
      ports: [plan.ports[database]],
    })),
  obtain: () => postgresPrograms(),
  async launch(plan, instance) {
    const { postgres: command, major } = await postgresPrograms();
    const user = await serverUser();
    const data = path.join(postgresFolder(plan), instance.id);
    if (!fs.existsSync(data)) await createCluster(plan, databaseOf(instance), data, user);
    const made = Number(fs.readFileSync(path.join(data, 'PG_VERSION'), 'utf8'));
    if (made !== major) {
      throw new Trouble(
        `${instance.title}: its data was made by PostgreSQL ${made}, this machine has ${major}: install ${made}, or start with --fresh`,
      );
    }
    // A copy: the server's user may not be able to read the tree.
    const configuration = path.join(data, 'tradepost.conf');
    fs.copyFileSync(path.join(CONFIGURATION, 'postgresql.conf'), configuration);
    fs.chmodSync(configuration, 0o644);
    const options = [
      `config_file=${configuration}`,
      'listen_addresses=127.0.0.1',
      `port=${instance.ports[0]}`,
      'unix_socket_directories=',
    ];
    return {
      command,
      args: ['-D', data, ...options.flatMap((option) => ['-c', option])],
      env: cleanEnvironment(),
      cwd: data,
      ...user,
    };
  },
  async answers(plan, instance) {
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      connectionString: databaseUrl(plan, databaseOf(instance), 'owner'),
      connectionTimeoutMillis: 2000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
    } finally {
      await client.end().catch(() => {});
    }
  },
  readySeconds: 60,
  // "Fast": open transactions are rolled back. SIGTERM would wait for every client to leave.
  stopSignal: 'SIGINT',
  graceSeconds: 15,
};

/** A developer's own PG* variables must not reach the servers. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')));
}

/**
 * Made under another name and renamed when complete, so that an interrupted start leaves no half cluster.
 * @param {Plan} plan @param {Database} database @param {string} data @param {import('../setup/postgres-programs.mjs').ServerUser} user
 */
async function createCluster(plan, database, data, user) {
  const { postgres: command, initdb } = await postgresPrograms();
  const folder = path.dirname(data);
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (folder !== inStack(plan, 'data')) {
    say(`postgres ${database}: its user cannot enter STACK_DIR, the data goes to ${data}`);
  }
  const unfinished = `${data}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { mode: 0o700 });
  if (user.uid !== undefined) fs.chownSync(unfinished, user.uid, user.gid ?? user.uid);
  const options = { cwd: unfinished, env: cleanEnvironment(), ...user };
  const locale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8';
  const args = [
    '-D',
    unfinished,
    '-U',
    'postgres',
    '--encoding=UTF8',
    `--locale=${locale}`,
    '--auth=trust',
    '--data-checksums',
  ];
  await run(initdb, plan.mode === 'test' ? [...args, '--no-sync'] : args, options);
  // The superuser has no password, so nobody signs in as it over the network.
  fs.writeFileSync(path.join(unfinished, 'pg_hba.conf'), PASSWORDS_ONLY);

  const single = async (/** @type {string} */ into, /** @type {string} */ file) => {
    const input = fillIn(plan, database, fs.readFileSync(path.join(CONFIGURATION, file), 'utf8'));
    const { err } = await run(command, ['--single', '-j', '-D', unfinished, into], { ...options, input });
    const wrong = err.split('\n').find((line) => /ERROR|FATAL|PANIC/.test(line));
    if (wrong) throw new Trouble(`postgres ${database}: ${file}: ${wrong}`);
  };
  await single('postgres', 'roles.sql');
  await single(`${database}_db`, 'grants.sql');
  fs.renameSync(unfinished, data);
}

/** @param {Plan} plan @param {Database} database @param {string} sql */
function fillIn(plan, database, sql) {
  const secrets = secretsOf(plan);
  /** @type {Record<string, string>} */
  const values = { DATABASE: database, OWNER_PASSWORD: secrets.databaseOwner, APP_PASSWORD: secrets.databaseApp };
  return sql.replaceAll(/\$\{(\w+)\}/g, (_, name) => values[name]);
}
