// @ts-check
/** stack.json: where everything of a running stack is found. Checks and benchmarks read it. */
import fs from 'node:fs';
import { runningPid, writeWhole } from './children.mjs';
import { DATABASES, inStack } from './plan.mjs';
import {
  adminLogin,
  apiUrls,
  baseUrl,
  databaseUrl,
  kafkaBrokers,
  mailUrl,
  mongoUrl,
  providerUrl,
  redisUrl,
  smsUrl,
} from './settings.mjs';

/** @typedef {import('./plan.mjs').Plan} Plan */

/** @param {Plan} plan */
export const stackFile = (plan) => inStack(plan, 'stack.json');

/** The service processes; null for one that is stopped or given from outside. @param {Plan} plan */
function pids(plan) {
  const pid = (/** @type {string} */ id) => runningPid(plan.stackDir, id);
  return {
    postgres: DATABASES.map((database) => pid(`postgres-${database}`)),
    redis: pid('redis'),
    kafka: pid('kafka'),
    mongo: pid('mongo'),
    nginx: pid('nginx'),
    provider: pid('provider'),
    app: plan.servicesOnly ? [] : [pid('app1'), pid('app2')],
  };
}

/** @param {Plan} plan */
export function writeStackFile(plan) {
  const postgres = Object.fromEntries(DATABASES.map((database) => [database, databaseUrl(plan, database, 'owner')]));
  const content = {
    baseUrl: baseUrl(plan),
    apiUrls: plan.servicesOnly ? [] : apiUrls(plan),
    admin: adminLogin(plan),
    postgres,
    mongo: mongoUrl(plan),
    redis: redisUrl(plan),
    kafka: kafkaBrokers(plan).split(','),
    mailUrl: mailUrl(plan),
    smsUrl: smsUrl(plan),
    providerUrl: providerUrl(plan),
    pids: pids(plan),
  };
  writeWhole(stackFile(plan), JSON.stringify(content, null, 2), 0o600);
}

/** @param {Plan} plan */
export const stackIsReady = (plan) => fs.existsSync(stackFile(plan));

/** @param {Plan} plan */
export function removeStackFile(plan) {
  fs.rmSync(stackFile(plan), { force: true });
}
