// @ts-check
/**
 * Buyers in a process of their own, whose CPU time is not counted. Each buys two lines, again and again, and follows the
 * order to `confirmed`: it asks first when orders of late were confirmed, then every half second.
 */
import { randomUUID } from 'node:crypto';
import { createHistogram } from 'node:perf_hooks';
import { Agent } from 'undici';
import { timesOf } from './times.mjs';

/**
 * @typedef {object} PurchaseJob
 * @property {string} base
 * @property {{ token: string, addressId: string }[]} buyers
 * @property {string[]} products
 * @property {number} [amount] purchases in all
 * @property {number} [seconds] in which purchases begin
 * @property {number} [rate] purchases begun a second, at even distances; else each buyer at once again
 */

const POLL_MS = 500;
const GIVE_UP_MS = 120_000;
const PLACED = new Set(['confirmed', 'processing']);
const STEPS = /** @type {const} */ (['add', 'checkout', 'place', 'status', 'confirmed', 'whole']);

const histograms = Object.fromEntries(STEPS.map((step) => [step, createHistogram()]));
let dispatcher = new Agent();
let requests = 0;
/** How long orders of late took to be confirmed, by the servers' clock. */
let usualMs = 200;

const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {typeof STEPS[number]} step @param {number} ms */
const note = (step, ms) => histograms[step]?.record(Math.max(1, Math.round(ms * 1000)));

/** @param {PurchaseJob} job @param {string} token @param {typeof STEPS[number]} step @param {string} path @param {object} [body] @returns {Promise<any>} */
async function ask({ base }, token, step, path, body) {
  const begun = performance.now();
  requests += 1;
  const response = await dispatcher.request({
    origin: base,
    path,
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  });
  const text = await response.body.text();
  note(step, performance.now() - begun);
  if (response.statusCode > 299) throw new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/** @param {PurchaseJob} job @param {{ token: string, addressId: string }} buyer */
async function purchase(job, { token, addressId }) {
  const { products } = job;
  const begun = performance.now();
  const first = Math.floor(Math.random() * products.length);
  for (const productId of [products[first], products[(first + 1) % products.length]]) {
    await ask(job, token, 'add', '/v1/cart/items', { productId, quantity: 1 });
  }
  const checkout = await ask(job, token, 'checkout', '/v1/checkouts', { shippingAddressId: addressId });
  const wish = { checkoutId: checkout.id, payment: { provider: 'sandbox', token: 'tok_ok' } };
  const { id } = await ask(job, token, 'place', '/v1/orders', wish);
  const placed = performance.now();
  await wait(usualMs);
  for (;;) {
    const order = await ask(job, token, 'status', `/v1/orders/${id}`);
    if (PLACED.has(order.status)) {
      const took = Date.parse(order.updatedAt) - Date.parse(order.createdAt);
      usualMs = 0.95 * usualMs + 0.05 * Math.min(10_000, took * 1.1);
      note('confirmed', took);
      return note('whole', performance.now() - begun);
    }
    if (performance.now() - placed > GIVE_UP_MS) throw new Error(`order ${id} is ${order.status} after two minutes`);
    await wait(POLL_MS);
  }
}

/** @param {PurchaseJob} job */
async function buy(job) {
  const { buyers, amount = Infinity, seconds = Infinity, rate } = job;
  const begun = performance.now();
  const over = begun + seconds * 1000;
  let started = 0;
  let done = 0;
  let doneInTime = 0;
  let late = 0;
  let failed = 0;
  /** @type {string | null} */
  let firstFailure = null;
  const begins = async () => {
    if (started >= amount) return false;
    const turn = started++;
    if (rate) {
      const due = begun + (turn * 1000) / rate;
      if (due >= over) return false;
      if (performance.now() - due > 1000) late += 1;
      await wait(Math.max(0, due - performance.now()));
    }
    return performance.now() < over;
  };
  await Promise.all(
    buyers.map(async (buyer) => {
      while (await begins()) {
        try {
          await purchase(job, buyer);
          done += 1;
          if (performance.now() < over) doneInTime += 1;
        } catch (error) {
          failed += 1;
          firstFailure ??= String(error);
        }
      }
    }),
  );
  const took = (performance.now() - begun) / 1000;
  return { done, failed, firstFailure, late, perSecond: seconds === Infinity ? done / took : doneInTime / seconds };
}

process.once('message', async (/** @type {PurchaseJob} */ job) => {
  dispatcher = new Agent({ connections: job.buyers.length, connect: { rejectUnauthorized: false } });
  const outcome = await buy(job);
  await dispatcher.close();
  const steps = Object.fromEntries(STEPS.map((step) => [step, timesOf(histograms[step] ?? createHistogram())]));
  process.send?.({ ...outcome, requestsEach: requests / Math.max(1, outcome.done), steps });
  process.disconnect();
});
