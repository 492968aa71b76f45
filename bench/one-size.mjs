// @ts-check
/** Everything that is measured of one size, on a stack of its own. */
import { cartAdds, catalogueAsks, usualSearches } from './asks.mjs';
import { fillCatalogue, forgetAll, vocabularyOf } from './catalogue.mjs';
import { emptyCarts, signUp, stockUp } from './customers.mjs';
import { measureLimits } from './limits.mjs';
import { costOf, drained, idleCost, load, purchases, rested } from './measure.mjs';
import { wanted } from './options.mjs';
import { scenariosOf } from './scenarios.mjs';
import { memory, memoryTogether, soak } from './soak.mjs';
import { beginStack, end, runToEnd } from './stack.mjs';

const CUSTOMERS = 150;
const BOUGHT = 200;
const WARM_UP_CONNECTIONS = 50;
const WARM_UP_SECONDS = 30;
const FILLING_CONNECTIONS = 8;
const IDLE_SECONDS = 5;
/** The seed's load, and ten times that. A purchase is six or seven requests. */
const RATES = [100, 1000];
const PURCHASE_RATES = [10, 100];

/**
 * @typedef {import('./options.mjs').Options} Options
 * @typedef {{ stack: import('./stack.mjs').Stack, options: Options, customers: import('./customers.mjs').Customer[], vocabulary: import('./catalogue.mjs').Vocabulary, products: string[] }} Shop
 * @typedef {Awaited<ReturnType<typeof measureSize>>} SizeFigures
 */

const say = (/** @type {string} */ text) => console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
const cell = (/** @type {number} */ number) => (number < 10 ? number.toFixed(2) : number.toFixed(0));

/** @param {Shop} shop @param {import('./scenarios.mjs').Scenario} scenario */
async function measureScenario({ stack, options }, { name, asks, by, uncached, once, prepare }) {
  const base = by === 'nginx' ? stack.baseUrl : /** @type {string} */ (stack.apiUrls[0]);
  const flush = uncached ? stack.redis : undefined;
  const job = { base, asks, flush, once };
  await prepare?.();
  // What is to be cached is, to the last.
  const filling = { ...job, once: true, connections: FILLING_CONNECTIONS, seconds: WARM_UP_SECONDS };
  if (!uncached && !once) await load(filling);
  await load({ ...job, connections: WARM_UP_CONNECTIONS, amount: options.warmUp, seconds: WARM_UP_SECONDS });
  const figures = [];
  for (const connections of options.connections) {
    await prepare?.();
    const work = () => load({ ...job, connections, seconds: options.seconds });
    const { result, cpu } = await costOf(stack, work, ({ operations }) => operations);
    const perSecond = result.operations / result.seconds;
    say(
      `${name}, ${connections}: ${cell(perSecond)}/s, p95 ${cell(result.times.p95)} ms, CPU ${cell(cpu.total ?? 0)} ms`,
    );
    figures.push({
      name,
      by,
      connections,
      perSecond,
      operations: result.operations,
      failed: result.failed,
      times: result.times,
      cpu,
    });
  }
  return figures;
}

/** @param {Shop} shop @param {Partial<import('./purchase-driver.mjs').PurchaseJob>} wish @param {number} buyers */
async function measurePurchases({ stack, customers, products }, wish, buyers) {
  const chosen = customers.slice(0, buyers);
  await emptyCarts(stack.baseUrl, chosen);
  const job = { base: stack.baseUrl, buyers: chosen, products, ...wish };
  const work = async () => {
    const bought = await purchases(job);
    await drained(stack);
    return bought;
  };
  const { result, cpu } = await costOf(stack, work, ({ done }) => done);
  say(`purchases, ${buyers} buyers: ${cell(result.perSecond)}/s, CPU ${cell(cpu.total ?? 0)} ms`);
  return { buyers, ...result, cpu };
}

/** @param {Shop} shop */
async function measureAllPurchases(shop) {
  const { warmUpPurchases, connections, seconds } = shop.options;
  await measurePurchases(shop, { amount: warmUpPurchases }, WARM_UP_CONNECTIONS);
  const figures = [];
  for (const buyers of connections) figures.push(await measurePurchases(shop, { seconds }, buyers));
  return figures;
}

/** @param {Shop} shop */
async function measureRates(shop) {
  const { stack, options, customers, vocabulary, products } = shop;
  const { seconds } = options;
  const asks = {
    search: usualSearches(catalogueAsks(vocabulary), 20_000),
    'add to cart': cartAdds(customers, vocabulary.ids, 100),
    'order status':
      (await scenariosOf(stack, vocabulary, customers)).find(({ name }) => name.includes('live'))?.asks ?? [],
  };
  const figures = [];
  for (const [name, of] of Object.entries(asks)) {
    for (const rate of RATES) {
      await emptyCarts(stack.baseUrl, customers);
      const { operations, failed, times } = await load({
        base: stack.baseUrl,
        asks: of,
        connections: 50,
        seconds,
        rate,
      });
      say(`${name} at ${rate}/s: p95 ${cell(times.p95)} ms, ${failed} failed`);
      figures.push({ name, rate, operations, failed, late: 0, times });
    }
  }
  for (const rate of PURCHASE_RATES) {
    const bought = await measurePurchases({ ...shop, products }, { rate, seconds }, CUSTOMERS);
    for (const [name, step] of [
      ['checkout', 'checkout'],
      ['placing the order', 'place'],
    ]) {
      const times = bought.steps[step ?? ''] ?? { p50: 0, p95: 0, p99: 0, max: 0 };
      figures.push({ name, rate, operations: bought.done, failed: bought.failed, late: bought.late, times });
    }
  }
  return figures;
}

/** @param {import('./options.mjs').Options['sizes'][number]} size @param {Options} options @param {boolean} last */
export async function measureSize(size, options, last) {
  say(`a stack with ${size.products} products, ${size.live} live and ${size.archived} archived orders`);
  const { child, stack } = await beginStack();
  try {
    await fillCatalogue(stack, size.products);
    const customers = await signUp(stack.baseUrl, Math.max(CUSTOMERS, ...options.connections));
    say(`${customers.length} customers`);
    const vocabulary = await vocabularyOf(stack.postgres.products);
    const products = vocabulary.ids.slice(0, BOUGHT);
    await stockUp(stack.baseUrl, stack.admin, products);
    await runToEnd(['bench/generate-orders.mjs', '--live', String(size.live), '--archived', String(size.archived)]);
    say('orders are there');
    await forgetAll(stack.redis);
    await drained(stack);
    await rested(stack);
    say('the databases are at rest');
    const shop = { stack, options, customers, vocabulary, products };
    const idle = await idleCost(stack, IDLE_SECONDS);
    /** @type {string[]} */
    const troubles = [];
    /** The rest is measured all the same: a run takes hours. @template T @param {string} name @param {T} otherwise @param {() => Promise<T>} work */
    const attempt = async (name, otherwise, work) => {
      if (!wanted(options, name)) return otherwise;
      return work().catch((error) => {
        console.error(error);
        troubles.push(`${name}: ${error instanceof Error ? error.message : error}`);
        return otherwise;
      });
    };
    const limits = await attempt('limits', null, () => measureLimits(stack, products[0] ?? '', options));
    const loads = [];
    for (const scenario of await scenariosOf(stack, vocabulary, customers)) {
      loads.push(...(await attempt(scenario.name, [], () => measureScenario(shop, scenario))));
    }
    const bought = await attempt('purchase', [], () => measureAllPurchases(shop));
    const rates = await attempt('rate', [], () => measureRates(shop));
    const soaked = last && options.soak > 0 ? await soakOf(shop) : null;
    const workers = { memory: memory(stack), memoryTogether: memoryTogether(stack) };
    return { ...size, troubles, idle, limits, loads, purchases: bought, rates, ...workers, soak: soaked };
  } finally {
    await end(child);
  }
}

/** @param {Shop} shop */
async function soakOf({ stack, options, customers, vocabulary, products }) {
  const asks = catalogueAsks(vocabulary);
  const usual = usualSearches(asks, 20_000);
  const reads = usual.flatMap((search, i) => [
    search,
    asks.detail[i % asks.detail.length] ?? search,
    asks.department[i % 200] ?? search,
  ]);
  await emptyCarts(stack.baseUrl, customers);
  say(`${options.soak} seconds of an even load`);
  return soak(stack, options.soak, { reads, buyers: customers, products });
}
