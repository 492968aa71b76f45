// @ts-check
/** A shop of its own whose servers reach every store through Toxiproxy, and whose every process can be killed or frozen. */
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { app } from '../../local/parts/app.mjs';
import { PARTS } from '../../local/parts/all-parts.mjs';
import { run } from '../../local/setup/programs.mjs';
import { runningPid } from '../../local/stack/children.mjs';
import { instancesOf, startInstance, stopInstance } from '../../local/stack/instances.mjs';
import { makePlan, ROOT } from '../../local/stack/plan.mjs';
import { bringDown, bringUp, wipe } from '../../local/stack/running.mjs';
import { commandSettings, databaseUrl } from '../../local/stack/settings.mjs';
import { stackFile, writeStackFile } from '../../local/stack/stack-file.mjs';
import { childrenOf, descendantsOf, signalAll, variableOf } from './processes.mjs';
import { Toxiproxy } from './toxiproxy.mjs';

/** @typedef {'users' | 'products' | 'orders'} Database */

/** What the servers reach through a proxy. */
export const LINKS = /** @type {const} */ (['users', 'products', 'orders', 'redis', 'kafka', 'mongo', 'provider']);
/** @typedef {typeof LINKS[number]} LinkName */

/** Beside the ports of the stores, below those the kernel gives to outgoing connections. */
const PROXY_PORTS_BESIDE = 137;
const PROXY_CONTROL = 8474;

/** @param {import('../../local/stack/plan.mjs').Plan} plan @param {LinkName} link */
const proxyPort = (plan, link) => plan.ports[link] + PROXY_PORTS_BESIDE;

/** The same stack as its servers see it: every store at its proxy's address. @param {import('../../local/stack/plan.mjs').Plan} plan */
function throughProxies(plan) {
  const at = (/** @type {LinkName} */ link) => `127.0.0.1:${proxyPort(plan, link)}`;
  /** @type {Record<string, string>} */
  const given = {
    REDIS_URL: `redis://${at('redis')}`,
    KAFKA_BROKERS: at('kafka'),
    MONGO_URL: `mongodb://${at('mongo')}/tradepost?directConnection=true`,
    PAYMENT_PROVIDER_URL: `http://${at('provider')}`,
  };
  for (const database of /** @type {Database[]} */ (['users', 'products', 'orders'])) {
    const url = new URL(databaseUrl(plan, database, 'app'));
    url.port = String(proxyPort(plan, database));
    given[`${database.toUpperCase()}_DATABASE_URL`] = url.href;
  }
  return { ...plan, given };
}

export class FaultyShop {
  /** @param {import('../../local/stack/plan.mjs').Plan} plan @param {Toxiproxy} proxy */
  constructor(plan, proxy) {
    this.plan = plan;
    this.seenByServers = throughProxies(plan);
    this.proxy = proxy;
    /** @type {{ baseUrl: string, apiUrls: string[], admin: { email: string, password: string }, mailUrl: string, providerUrl: string }} */
    this.stack = JSON.parse(fs.readFileSync(stackFile(plan), 'utf8'));
  }

  /** Always from empty data: what is counted afterwards is what this run did. */
  static async start() {
    const plan = makePlan('start');
    plan.environment.KAFKA_ADVERTISED_PORT = String(proxyPort(plan, 'kafka'));
    plan.environment.RATE_LIMIT_SCALE = '1000000';
    wipe(plan);
    const links = LINKS.map((name) => ({ name, listen: proxyPort(plan, name), upstream: plan.ports[name] }));
    const proxy = await Toxiproxy.start(PROXY_CONTROL + plan.offset, links);
    await bringUp(plan);
    const shop = new FaultyShop(plan, proxy);
    for (const instance of app.instances(plan)) {
      await stopInstance(plan, app, instance);
      await startInstance(shop.seenByServers, app, instance);
    }
    writeStackFile(plan);
    return shop;
  }

  async stop() {
    await this.proxy.heal().catch(() => {});
    await bringDown(this.plan);
    this.proxy.stop();
  }

  /** @param {string} id as in `run/<id>.pid`: app1, postgres-orders, kafka … */
  pidOf(id) {
    const pid = runningPid(this.plan.stackDir, id);
    if (pid === null) throw new Error(`${id} does not run`);
    return pid;
  }

  /** The process itself and all it started: PostgreSQL's backends, a server's workers. @param {string} id */
  wholeOf(id) {
    const pid = this.pidOf(id);
    return [pid, ...descendantsOf(pid)];
  }

  /** The workers of both servers in one role. @param {'http' | 'background'} role */
  workers(role) {
    return ['app1', 'app2']
      .flatMap((id) => childrenOf(this.pidOf(id)))
      .filter((pid) => variableOf(pid, 'WORKER_ROLE') === role);
  }

  /** The background worker whose relay of this database holds the lock; null in the moment between two. @param {Database} database */
  async relayHolder(database) {
    const rows = await this.rows(
      database,
      `SELECT application_name FROM pg_stat_activity
       WHERE application_name LIKE 'relay-%' AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`,
    );
    const pid = Number(/(\d+)$/.exec(rows[0]?.application_name ?? '')?.[1] ?? 0);
    return pid || null;
  }

  /** Brings back what is dead, with its data; returns when it answers. @param {string} id */
  async restart(id) {
    const found = instancesOf(this.plan, PARTS).find(({ instance }) => instance.id === id);
    if (!found) throw new Error(`there is no ${id}`);
    const plan = found.part === app ? this.seenByServers : this.plan;
    await startInstance(plan, found.part, found.instance);
  }

  /** Whatever still is dead, frozen, cut or slow becomes whole again. */
  async makeWhole() {
    await this.proxy.heal();
    for (const { instance } of instancesOf(this.plan, PARTS)) {
      const pid = runningPid(this.plan.stackDir, instance.id);
      if (pid === null) await this.restart(instance.id);
      else signalAll([pid, ...descendantsOf(pid)], 'SIGCONT');
    }
    writeStackFile(this.plan);
  }

  /** As the owner, past the proxies. @param {Database} database @param {string} text @param {unknown[]} [values] @returns {Promise<any[]>} */
  async rows(database, text, values = []) {
    const client = new pg.Client({ connectionString: databaseUrl(this.plan, database, 'owner') });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** One command of the app's command line, with its clock moved. @param {string[]} args @param {number} [clockOffsetSeconds] */
  async cli(args, clockOffsetSeconds = 0) {
    const env = { ...commandSettings(this.plan), CLOCK_OFFSET_SECONDS: String(clockOffsetSeconds) };
    const { out } = await run(process.execPath, [path.join(ROOT, 'dist/src/cli.js'), ...args], { cwd: ROOT, env });
    return out;
  }
}
