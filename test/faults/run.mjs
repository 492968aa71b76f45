// @ts-check
/**
 * npm run test:faults [-- --seeds 20] [-- --from 1] [-- --orders 300] [-- --report]
 * While customers place orders, parts of the shop are killed, frozen, cut off and slowed; afterwards nothing is lost,
 * oversold or done twice. Each seed decides what breaks and what is bought; it is printed, so that it can be run again.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const ROOT = path.join(import.meta.dirname, '..', '..');
process.env.STACK_DIR ||= path.join(ROOT, '.local', 'faults');
process.env.PORT_OFFSET ||= '6500';
// The certificate is of our own making.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

const { Admin } = await import('./admin.mjs');
const { Market } = await import('./buyers.mjs');
const { Chance } = await import('./chance.mjs');
const { Duplicates } = await import('./duplicates.mjs');
const { scheduleOf } = await import('./faults.mjs');
const { reportOf } = await import('./report.mjs');
const { FaultyShop } = await import('./shop.mjs');
const { Verdict } = await import('./verdict.mjs');
const { runCommand, say, Trouble } = await import('../../local/stack/say.mjs');
const { stopRequested } = await import('../../local/stack/signals.mjs');

const BUYERS = 30;
const PLENTY = 5_000;
const FEW = 25;
/** Nothing breaks before the shop is at work. */
const FIRST_ORDERS = 10;

/** @typedef {import('./report.mjs').Run} Run */

/** @param {import('./shop.mjs').FaultyShop} shop @param {number} seed @param {number} wanted @returns {Promise<Run>} */
async function runSeed(shop, seed, wanted) {
  const chance = new Chance(seed);
  const since = new Date(Date.now() - 1_000);
  const started = Date.now();
  const admin = new Admin(shop.stack);
  await admin.signIn();
  const plenty = await admin.newProducts(8, PLENTY);
  const few = await admin.newProducts(2, FEW);
  const stock = new Map([
    ...plenty.map((id) => /** @type {const} */ ([id, PLENTY])),
    ...few.map((id) => /** @type {const} */ ([id, FEW])),
  ]);
  const market = new Market(shop.stack.baseUrl);
  const buyers = await market.signUp(BUYERS, [...plenty, ...few], chance);
  const duplicates = new Duplicates(shop.stack.apiUrls);
  await duplicates.start();

  const buying = market.open(buyers, wanted);
  while (market.placed.size < FIRST_ORDERS) await sleep(100);
  /** @type {string[]} */
  const broken = [];
  for (const faults of scheduleOf(seed - 1, chance)) {
    const name = faults.map((fault) => fault.name).join(' + ');
    broken.push(name);
    say(`  seed ${seed}: ${name} (${market.placed.size} orders so far)`);
    await Promise.all(faults.map((fault) => fault.run(shop, chance.fork())));
    await shop.makeWhole();
  }
  market.close();
  await buying;

  const orders = [...market.placed.values()];
  const verdict = new Verdict(shop, admin, orders, since);
  const settledMs = await verdict.settled();
  await verdict.eachAnswerHasItsOrder();
  await verdict.eachOrderIsChargedOnce();
  await verdict.eachOrderIsConfirmedOnce();
  await verdict.stockIsRight(stock);
  const consistentMs = await verdict.consistencyIsEmpty();
  await verdict.eachOrderIsArchivedOnce();
  await verdict.consistencyIsEmpty();
  duplicates.stop();
  await duplicates.read();
  return {
    seed,
    broken,
    orders: orders.length,
    refused: market.refused,
    sentAgain: market.sentAgain,
    answers: market.answers,
    duplicates: duplicates.total,
    settledMs,
    consistentMs,
    seconds: Math.round((Date.now() - started) / 1000),
    breaches: [...market.complaints, ...verdict.breaches],
  };
}

/** @param {import('./shop.mjs').FaultyShop} shop @param {{ from: number, count: number, orders: number, report: boolean }} wish */
async function runSeeds(shop, { from, count, orders, report }) {
  /** @type {Run[]} */
  const runs = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const run = await runSeed(shop, seed, orders);
    runs.push(run);
    say(
      `seed ${seed}: ${run.orders} orders, ${run.duplicates} duplicates dropped, settled after ${(run.settledMs / 1000).toFixed(0)} s, ${run.breaches.length} breaches (${run.seconds} s)`,
    );
    for (const breach of run.breaches) say(`  BREACH ${breach}`);
    if (report) fs.writeFileSync(path.join(ROOT, 'docs/results/faults.md'), reportOf(runs));
  }
  return runs;
}

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      from: { type: 'string', default: '1' },
      orders: { type: 'string', default: '300' },
      report: { type: 'boolean', default: false },
    },
  });
  const interrupted = stopRequested().then(() => Promise.reject(new Trouble('stopped')));
  interrupted.catch(() => {});
  const shop = await FaultyShop.start();
  /** @type {Run[]} */
  let runs = [];
  try {
    const { from, seeds, orders } = values;
    const wish = { from: Number(from), count: Number(seeds), orders: Number(orders), report: values.report };
    runs = await Promise.race([runSeeds(shop, wish), interrupted]);
  } finally {
    await shop.stop();
  }
  const breaches = runs.reduce((sum, run) => sum + run.breaches.length, 0);
  const duplicates = runs.reduce((sum, run) => sum + run.duplicates, 0);
  if (duplicates === 0) say('BREACH the inboxes saw no duplicate: these faults prove nothing about them');
  say(`${runs.length} seeds, ${runs.reduce((sum, run) => sum + run.orders, 0)} orders, ${breaches} breaches`);
  return breaches === 0 && duplicates > 0 ? 0 : 1;
});
