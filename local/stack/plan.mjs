// @ts-check
/**
 * The plan of one stack: where its data lies, which ports it takes, which services are given from outside.
 * It is recorded in the data folder, so that `npm run stack` in another terminal works on the same stack.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhole } from './children.mjs';
import { Trouble } from './say.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const BASE_PORTS = {
  https: 8443,
  http: 8080,
  app1: 3001,
  app2: 3002,
  users: 5441,
  products: 5442,
  orders: 5443,
  redis: 6390,
  kafka: 9192,
  kafkaController: 9193,
  mongo: 17017,
  provider: 4010,
  smtp: 4025,
  mailbox: 4026,
};

export const DATABASES = /** @type {const} */ (['users', 'products', 'orders']);

/** A service is given from outside when all the variables of its row are set. */
const EXTERNAL = {
  users: ['USERS_DATABASE_OWNER_URL', 'USERS_DATABASE_URL'],
  products: ['PRODUCTS_DATABASE_OWNER_URL', 'PRODUCTS_DATABASE_URL'],
  orders: ['ORDERS_DATABASE_OWNER_URL', 'ORDERS_DATABASE_URL'],
  redis: ['REDIS_URL'],
  kafka: ['KAFKA_BROKERS'],
  mongo: ['MONGO_URL'],
  provider: ['PAYMENT_PROVIDER_URL'],
  mailbox: ['SMTP_URL', 'SMS_URL'],
};

/**
 * @typedef {'start' | 'test'} Mode
 * @typedef {{
 *   mode: Mode,
 *   stackDir: string,
 *   offset: number,
 *   ports: Record<keyof typeof BASE_PORTS, number>,
 *   given: Record<string, string>,
 *   environment: Record<string, string>,
 *   servicesOnly: boolean,
 * }} Plan  `given`: URLs of services from outside; `environment`: what the apps inherit
 */

/** @param {Mode} mode @param {NodeJS.ProcessEnv} env */
function stackFolder(mode, env) {
  return path.resolve(ROOT, env.STACK_DIR || (mode === 'test' ? '.local/test' : '.local'));
}

/** @param {number} offset */
function portsWith(offset) {
  const ports = Object.entries(BASE_PORTS).map(([name, port]) => [name, port + offset]);
  return /** @type {Plan['ports']} */ (Object.fromEntries(ports));
}

/** @param {string | undefined} text @param {number} fallback */
function readOffset(text, fallback) {
  const offset = text ? Number(text) : fallback;
  const highest = 65535 - BASE_PORTS.mongo;
  if (!Number.isInteger(offset) || offset < 0 || offset > highest) {
    throw new Trouble(`PORT_OFFSET must be a whole number from 0 to ${highest}`);
  }
  return offset;
}

/** @param {NodeJS.ProcessEnv} env */
function givenServices(env) {
  /** @type {Record<string, string>} */
  const given = {};
  for (const [service, names] of Object.entries(EXTERNAL)) {
    const set = names.filter((name) => env[name]);
    if (set.length > 0 && set.length < names.length && service !== 'mailbox') {
      throw new Trouble(`${service}: set both ${names.join(' and ')}, or neither`);
    }
    for (const name of set) given[name] = /** @type {string} */ (env[name]);
  }
  return given;
}

/** The settings Tradepost knows, as `.env.example` lists them. */
function settingNames() {
  const listed = path.join(ROOT, '.env.example');
  if (!fs.existsSync(listed)) return [];
  return [...fs.readFileSync(listed, 'utf8').matchAll(/^#?\s*([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
}

/** What `<name>_FILE` names is read here: parts of the stack need it too. @param {NodeJS.ProcessEnv} env */
function withFilesRead(env) {
  const read = { ...env };
  for (const name of settingNames()) {
    const file = env[`${name}_FILE`];
    if (!file) continue;
    if (env[name]) throw new Trouble(`${name} and ${name}_FILE are both given: one of them must go`);
    if (!fs.existsSync(file)) throw new Trouble(`${name}_FILE names a file that is not there`);
    read[name] = fs.readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    delete read[`${name}_FILE`];
  }
  return read;
}

/** npm's own variables say nothing to a server. @param {NodeJS.ProcessEnv} env */
function inheritable(env) {
  const kept = Object.entries(env).filter(([name, value]) => value !== undefined && !/^(npm_|INIT_CWD$)/.test(name));
  return /** @type {Record<string, string>} */ (Object.fromEntries(kept));
}

/** @param {Mode} mode @param {{ servicesOnly?: boolean }} [options] @returns {Plan} */
export function makePlan(mode, { servicesOnly = false } = {}) {
  const env = withFilesRead(process.env);
  const offset = readOffset(process.env.PORT_OFFSET, mode === 'test' ? 1000 : 0);
  return {
    mode,
    stackDir: stackFolder(mode, process.env),
    offset,
    ports: portsWith(offset),
    given: givenServices(env),
    environment: inheritable(env),
    servicesOnly,
  };
}

/** @param {Plan} plan @param {...string} parts */
export function inStack(plan, ...parts) {
  return path.join(plan.stackDir, ...parts);
}

/** @param {Plan} plan @param {string} service */
export function isGiven(plan, service) {
  const names = EXTERNAL[/** @type {keyof typeof EXTERNAL} */ (service)];
  return names !== undefined && names.every((name) => plan.given[name]);
}

/** Only known settings are written down: the rest of a shell's environment may hold secrets of other tools. @param {Plan} plan */
export function recordPlan(plan) {
  const names = new Set(settingNames());
  const settings = Object.fromEntries(Object.entries(plan.environment).filter(([name]) => names.has(name)));
  const { mode, offset, given, servicesOnly } = plan;
  const record = { mode, offset, given, servicesOnly, settings, supervisor: process.pid };
  writeWhole(inStack(plan, 'run', 'plan.json'), JSON.stringify(record, null, 2), 0o600);
}

/** The plan of the stack that runs (or ran) in STACK_DIR; settings of this command's environment win. @returns {Plan} */
export function recordedPlan() {
  const stackDir = stackFolder('start', process.env);
  const file = path.join(stackDir, 'run', 'plan.json');
  if (!fs.existsSync(file)) {
    throw new Trouble(
      `no stack runs in ${path.relative(process.cwd(), stackDir) || '.'}: run \`npm start\` first, or set STACK_DIR`,
    );
  }
  const { mode, offset, given, servicesOnly, settings } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const environment = { ...settings, ...inheritable(withFilesRead(process.env)) };
  return { mode, stackDir, offset, ports: portsWith(offset), given, environment, servicesOnly };
}
