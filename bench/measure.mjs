// @ts-check
/** A driver's job and what it cost each part of the stack. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { withDatabase } from './database.mjs';
import { exactTime, httpWorkersOf, perOperation, processorTime } from './processor-time.mjs';

/**
 * @typedef {import('./stack.mjs').Stack} Stack
 * @typedef {import('./load-driver.mjs').LoadJob} LoadJob
 * @typedef {import('./purchase-driver.mjs').PurchaseJob} PurchaseJob
 * @typedef {{ operations: number, failed: number, statuses: Record<string, number>, seconds: number, times: import('./times.mjs').Times }} Load
 * @typedef {{ done: number, failed: number, firstFailure: string | null, late: number, perSecond: number, requestsEach: number, steps: Record<string, import('./times.mjs').Times> }} Purchases
 * @typedef {Record<string, number>} Cpu milliseconds an operation, by part; `worker` is of the processes that answer HTTP
 */

const DRAINED_WITHIN_MS = 120_000;
const RESTED_WITHIN_MS = 600_000;
/** CPU ms a second of databases that do nothing but answer the shop's own questions. */
const AT_REST_MS = 100;
const LOOK_SECONDS = 5;

/** @param {string} driver @param {LoadJob | PurchaseJob} job @returns {Promise<any>} */
async function drive(driver, job) {
  // They are told of the certificate themselves; a warning of each would be all there is to read.
  const { NODE_TLS_REJECT_UNAUTHORIZED: _, ...env } = process.env;
  const child = fork(path.join(import.meta.dirname, driver), { serialization: 'advanced', env });
  child.send(job);
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${driver} ended with ${code}`)));
  });
}

/** @param {LoadJob} job @returns {Promise<Load>} */
export async function load(job) {
  /** @type {Load} */
  const result = await drive('load-driver.mjs', job);
  const { operations, failed, statuses } = result;
  if (failed > 0) console.error(`${failed} of ${operations} failed: ${JSON.stringify(statuses)}`);
  return result;
}

/** @param {PurchaseJob} job @returns {Promise<Purchases>} */
export async function purchases(job) {
  /** @type {Purchases} */
  const result = await drive('purchase-driver.mjs', job);
  if (result.failed > 0) console.error(`${result.failed} purchases failed, the first: ${result.firstFailure}`);
  return result;
}

/** All that answer HTTP. @param {Stack} stack */
export const httpWorkers = (stack) => stack.pids.app.flatMap(httpWorkersOf);

/** @param {Stack} stack */
function clocks(stack) {
  return {
    all: processorTime(stack.pids),
    worker: exactTime(httpWorkers(stack)),
    nginx: exactTime([stack.pids.nginx ?? []].flat()),
  };
}

/** What `work` cost an operation. @template T @param {Stack} stack @param {() => Promise<T>} work @param {(result: T) => number} operations */
export async function costOf(stack, work, operations) {
  const before = clocks(stack);
  const result = await work();
  const after = clocks(stack);
  const count = Math.max(1, operations(result));
  /** @type {Cpu} */
  const cpu = {
    ...perOperation(before.all, after.all, count),
    worker: (after.worker - before.worker) / count,
    nginxExact: (after.nginx - before.nginx) / count,
  };
  return { result, cpu };
}

/** CPU milliseconds a second while nobody asks. @param {Stack} stack @param {number} seconds */
export async function idleCost(stack, seconds) {
  const rest = () => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return (await costOf(stack, rest, () => seconds)).cpu;
}

/** When the databases have cleaned up after what was generated: their work would be in the cost of each operation. @param {Stack} stack */
export async function rested(stack) {
  for (const url of Object.values(stack.postgres)) {
    await withDatabase(url, (client) => client.query('VACUUM (ANALYZE)'));
  }
  const giveUp = Date.now() + RESTED_WITHIN_MS;
  for (;;) {
    const { postgres = 0, mongo = 0 } = await idleCost(stack, LOOK_SECONDS);
    if (postgres + mongo < AT_REST_MS) return;
    if (Date.now() > giveUp) {
      throw new Error(`the databases did not come to rest: ${postgres + mongo} ms of CPU a second`);
    }
  }
}

/** When all that was begun is done: mails and the ledger of an order are part of its cost. @param {Stack} stack */
export async function drained(stack) {
  const giveUp = Date.now() + DRAINED_WITHIN_MS;
  const waiting = `SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL`;
  const unsent = `SELECT count(*)::int AS n FROM notifications WHERE status IN ('queued', 'sending')`;
  const questions = [
    { url: stack.postgres.users, text: unsent },
    ...Object.values(stack.postgres).map((url) => ({ url, text: waiting })),
  ];
  for (const { url, text } of questions) {
    await withDatabase(url, async (client) => {
      while ((await client.query(text)).rows[0].n > 0) {
        if (Date.now() > giveUp) throw new Error('the outbox or the mails did not come to an end');
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    });
  }
}
