// @ts-check
/** The environment Tradepost's own programs get: URLs of this stack, its secrets, and whatever the developer has set. */
import os from 'node:os';
import path from 'node:path';
import { DATABASES, isGiven, ROOT } from './plan.mjs';
import { folderOf } from './folders.mjs';
import { secretsOf } from './secrets.mjs';

/** @typedef {import('./plan.mjs').Plan} Plan */

/** @param {Plan} plan */
export const baseUrl = (plan) => `https://127.0.0.1:${plan.ports.https}`;

/** @param {Plan} plan */
export const apiUrls = (plan) => [plan.ports.app1, plan.ports.app2].map((port) => `http://127.0.0.1:${port}`);

/** @param {Plan} plan @param {typeof DATABASES[number]} database @param {'owner' | 'app'} role */
export function databaseUrl(plan, database, role) {
  const name = `${database.toUpperCase()}_DATABASE${role === 'owner' ? '_OWNER' : ''}_URL`;
  if (plan.given[name]) return plan.given[name];
  const secrets = secretsOf(plan);
  const password = role === 'owner' ? secrets.databaseOwner : secrets.databaseApp;
  return `postgres://${database}_${role}:${password}@127.0.0.1:${plan.ports[database]}/${database}_db`;
}

/** @param {Plan} plan */
export const mongoUrl = (plan) =>
  plan.given.MONGO_URL ?? `mongodb://127.0.0.1:${plan.ports.mongo}/tradepost?directConnection=true`;

/** @param {Plan} plan */
export const redisUrl = (plan) => plan.given.REDIS_URL ?? `redis://127.0.0.1:${plan.ports.redis}`;

/** @param {Plan} plan */
export const kafkaBrokers = (plan) => plan.given.KAFKA_BROKERS ?? `127.0.0.1:${plan.ports.kafka}`;

/** @param {Plan} plan */
export const providerUrl = (plan) => plan.given.PAYMENT_PROVIDER_URL ?? `http://127.0.0.1:${plan.ports.provider}`;

/** @param {Plan} plan */
const mailboxUrl = (plan) => `http://127.0.0.1:${plan.ports.mailbox}`;

/** Where caught mail is read; null when mail goes to a server from outside. @param {Plan} plan */
export const mailUrl = (plan) => (plan.given.SMTP_URL ? null : `${mailboxUrl(plan)}/mail`);

/** @param {Plan} plan */
export const smsUrl = (plan) => plan.given.SMS_URL ?? `${mailboxUrl(plan)}/sms`;

/** Written by the app servers, served by Nginx. @param {Plan} plan */
export const imagesFolder = (plan) =>
  plan.environment.IMAGES_DIR ? path.resolve(ROOT, plan.environment.IMAGES_DIR) : folderOf(plan, 'data', 'images');

/** @param {Plan} plan */
export function adminLogin(plan) {
  return {
    email: plan.environment.ADMIN_EMAIL || 'admin@tradepost.local',
    password: plan.environment.ADMIN_PASSWORD || secretsOf(plan).adminPassword,
  };
}

/** More than so many an app server does not take. */
const MOST_WORKERS = 16;

const FOR_TESTS = {
  // Receivers of tests are on this machine.
  WEBHOOK_HTTP: 'allowed',
  WEBHOOK_PRIVATE_HOSTS: '127.0.0.1/32',
  // What lies in Redis is what a test looks for; how soon Redis must answer has tests of its own.
  REDIS_COMMAND_TIMEOUT_MS: '1000',
};

/** Two servers share this machine: one HTTP worker a core in all. In tests each is a true cluster. @param {Plan} plan */
function workersOfServer(plan) {
  if (plan.mode === 'test') return 2;
  return Math.min(MOST_WORKERS, Math.max(1, Math.floor(os.availableParallelism() / 2)));
}

/** Settings of an app server (no owner roles: an app has no business changing tables). @param {Plan} plan @param {string} serverName @param {number} port */
export function appSettings(plan, serverName, port) {
  const secrets = secretsOf(plan);
  const { environment } = plan;
  /** @type {Record<string, string>} */
  const settings = {
    WEB_CONCURRENCY: String(workersOfServer(plan)),
    RATE_LIMIT_SCALE: plan.mode === 'test' ? '1000' : '1',
    ...(plan.mode === 'test' ? FOR_TESTS : {}),
    ...environment,
    NODE_ENV: plan.mode === 'test' ? 'test' : environment.NODE_ENV || 'development',
    SERVER_NAME: serverName,
    HOST: '127.0.0.1',
    PORT: String(port),
    MONGO_URL: mongoUrl(plan),
    REDIS_URL: redisUrl(plan),
    KAFKA_BROKERS: kafkaBrokers(plan),
    JWT_SECRET: environment.JWT_SECRET || secrets.jwtSecret,
    DATA_ENCRYPTION_KEY: environment.DATA_ENCRYPTION_KEY || secrets.dataKey,
    PAYMENT_PROVIDER_URL: providerUrl(plan),
    PAYMENT_WEBHOOK_SECRET: webhookSecret(plan),
    SMTP_URL: plan.given.SMTP_URL ?? `smtp://127.0.0.1:${plan.ports.smtp}`,
    SMS_URL: smsUrl(plan),
    IMAGES_DIR: imagesFolder(plan),
    PUBLIC_URL: environment.PUBLIC_URL || baseUrl(plan),
  };
  for (const database of DATABASES) {
    const name = database.toUpperCase();
    settings[`${name}_DATABASE_URL`] = databaseUrl(plan, database, 'app');
    delete settings[`${name}_DATABASE_OWNER_URL`];
  }
  return settings;
}

/**
 * The whole environment of the command line: an app server's, with the owner roles and the admin to create. What the
 * shell has is in it already, with secrets from files read: beside `process.env` a secret would be given twice.
 * @param {Plan} plan @param {string} [serverName] */
export function commandSettings(plan, serverName = 'cli') {
  const admin = adminLogin(plan);
  const settings = appSettings(plan, serverName, plan.ports.app1);
  for (const database of DATABASES) {
    settings[`${database.toUpperCase()}_DATABASE_OWNER_URL`] = databaseUrl(plan, database, 'owner');
  }
  return { ...settings, ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password };
}

/** @param {Plan} plan */
export const webhookSecret = (plan) => plan.environment.PAYMENT_WEBHOOK_SECRET || secretsOf(plan).webhookSecret;

/** @param {Plan} plan */
export const databasesHere = (plan) => DATABASES.filter((database) => !isGiven(plan, database));
