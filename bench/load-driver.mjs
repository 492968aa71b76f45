// @ts-check
/**
 * A process that asks, so that its CPU time is not among what is measured. Told a job by message, it answers with the
 * times. Two kinds: as many requests as its connections manage (autocannon), or an even number a second.
 */
import { createHistogram } from 'node:perf_hooks';
import autocannon from 'autocannon';
import { Redis } from 'ioredis';
import { Agent } from 'undici';
import { timesOf } from './times.mjs';

/**
 * @typedef {{ method?: 'GET' | 'POST', path: string, headers?: Record<string, string>, body?: string }} Ask
 * @typedef {object} LoadJob
 * @property {string} base
 * @property {Ask[]} asks
 * @property {number} connections
 * @property {number} seconds at most
 * @property {number} [amount] requests at most
 * @property {number} [rate] requests a second; else as many as are answered
 * @property {string} [flush] the Redis to empty before each round through the requests: none is asked twice in between
 * @property {boolean} [once] one round through the requests is all
 */

const LATEST_MS = 30_000;
/** Of autocannon; it counts whole seconds of which a round may need a part. */
const OPEN_ENDED = 3600;
/** Then there is nothing to be learned any more. */
const MOST_FAILED = 1_000;
/** Of requests that every connection keeps as bytes. */
const MOST_BUILT = 500;
/** Of an even rate, before what counts: the driver's own first requests open its connections and are slow. */
const OPENING_SECONDS = 2;

const histogram = createHistogram();
let answered = 0;
let failed = 0;
/** @type {Record<string, number>} */
const statuses = {};

/** @param {string} why a status, or what no answer came of */
function fail(why) {
  failed += 1;
  statuses[why] = (statuses[why] ?? 0) + 1;
}

/** @param {number} status @param {number} ms */
function note(status, ms) {
  histogram.record(Math.max(1, Math.round(ms * 1000)));
  answered += 1;
  if (status < 200 || status > 299) fail(String(status));
}

/** One round through the requests, or an endless one. @param {LoadJob} job @param {number} until @param {number} amount */
function round({ base, asks, connections, flush, once }, until, amount) {
  const limit = Math.min(amount, flush || once ? asks.length : Infinity);
  const inTurn = flush || once || asks.length > MOST_BUILT;
  let next = 0;
  // From one list for all connections, or two would ask the same at the same time.
  const setupRequest = (/** @type {object} */ usual) => ({ ...usual, ...asks[next++ % asks.length] });
  // Few are built only once, and each connection begins at its own place of them.
  const setupClient = (/** @type {{ setRequests: (asks: Ask[]) => void }} */ client) => {
    const at = Math.floor((next++ * asks.length) / connections) % asks.length;
    client.setRequests([...asks.slice(at), ...asks.slice(0, at)].map((ask) => ({ ...ask })));
  };
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: base,
        connections: Math.min(connections, limit),
        ...(limit === Infinity ? { duration: OPEN_ENDED } : { amount: limit }),
        tlsOptions: { rejectUnauthorized: false },
        ...(inTurn ? { requests: [{ setupRequest }] } : { setupClient }),
      },
      (/** @type {unknown} */ error) => (error ? reject(error) : resolve(undefined)),
    );
    const clock = setTimeout(() => instance.stop(), Math.max(0, until - performance.now()));
    instance.on('reqError', (/** @type {Error} */ error) => fail(error.message));
    instance.on(
      'response',
      (
        /** @type {unknown} */ _client,
        /** @type {number} */ status,
        /** @type {number} */ _bytes,
        /** @type {number} */ ms,
      ) => note(status, ms),
    );
    instance.on('done', () => clearTimeout(clock));
  });
}

/** @param {LoadJob} job */
async function asManyAsPossible(job) {
  const redis = job.flush ? new Redis(job.flush) : null;
  const until = performance.now() + job.seconds * 1000;
  const amount = job.amount ?? Infinity;
  const isOver = () => performance.now() >= until || answered >= amount || failed > MOST_FAILED;
  do {
    await redis?.flushdb();
    await round(job, until, amount - answered);
  } while (!job.once && !isOver());
  redis?.disconnect();
}

/** Requests go out at even distances, whether the ones before are answered or not. @param {LoadJob} job */
async function evenly({ base, asks, connections, seconds, rate = 1 }) {
  const dispatcher = new Agent({ connections, connect: { rejectUnauthorized: false } });
  const begun = performance.now();
  /** @type {Promise<void>[]} */
  const open = [];
  const counted = begun + OPENING_SECONDS * 1000;
  for (let sent = 0; sent < (OPENING_SECONDS + seconds) * rate; sent += 1) {
    const due = begun + (sent * 1000) / rate;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    const { method = 'GET', path, headers, body } = asks[sent % asks.length] ?? { path: '/' };
    const answer = async () => {
      const response = await dispatcher.request({
        origin: base,
        method,
        path,
        headers,
        body,
        headersTimeout: LATEST_MS,
      });
      await response.body.dump({ limit: 10_000_000 });
      // From when it was due: waiting for a free connection is waiting.
      if (due >= counted) note(response.statusCode, performance.now() - due);
      else if (response.statusCode > 299) fail(String(response.statusCode));
    };
    open.push(answer().catch((error) => fail(String(error))));
  }
  await Promise.all(open);
  await dispatcher.close();
}

process.once('message', async (/** @type {LoadJob} */ job) => {
  const begun = performance.now();
  await (job.rate ? evenly(job) : asManyAsPossible(job));
  const seconds = (performance.now() - begun) / 1000;
  process.send?.({ operations: answered, failed, statuses, seconds, times: timesOf(histogram) });
  process.disconnect();
});
