// @ts-check
/** What is broken on purpose. Each fault breaks one thing, lasts a while, and is healed before it returns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signalAll } from './processes.mjs';
import { LINKS } from './shop.mjs';

/** @typedef {import('./shop.mjs').FaultyShop} FaultyShop */
/** @typedef {import('./chance.mjs').Chance} Chance */
/** @typedef {{ name: string, run: (shop: FaultyShop, chance: Chance) => Promise<void> }} Fault */

const FROZEN_MS = 20_000;
const SLOW_BY_MS = 2_000;
const SLOW_FOR_MS = 10_000;
/** Past the life of every hold: a job whose clock is ahead ends holds that are being placed at this moment. */
const CLOCK_AHEAD_SECONDS = 700;

const STORES = ['kafka', 'redis', 'mongo', 'postgres-users', 'postgres-products', 'postgres-orders', 'provider'];

/** @param {string} id @returns {Fault} */
const killed = (id) => ({
  name: `kill -9 of ${id}`,
  async run(shop, chance) {
    signalAll(shop.wholeOf(id), 'SIGKILL');
    await sleep(chance.between(1_000, 5_000));
    await shop.restart(id);
  },
});

/** @param {string} id @returns {Fault} */
const frozen = (id) => ({
  name: `SIGSTOP of ${id} for 20 s`,
  run: (shop) => freeze(() => shop.wholeOf(id)),
});

/** What was born while its parent froze is thawed too: the list is taken again. @param {() => number[]} pids */
async function freeze(pids) {
  const before = pids();
  signalAll(before, 'SIGSTOP');
  await sleep(FROZEN_MS);
  signalAll([...new Set([...before, ...pids()])], 'SIGCONT');
}

/** @param {'http' | 'background'} role @returns {Fault[]} its server's primary starts another in the place of a killed one */
const worker = (role) => [
  {
    name: `kill -9 of one ${role} worker`,
    async run(shop, chance) {
      signalAll([chance.of(shop.workers(role))], 'SIGKILL');
      await sleep(chance.between(2_000, 6_000));
    },
  },
  {
    name: `SIGSTOP of one ${role} worker for 20 s`,
    run: (shop, chance) => {
      const pid = chance.of(shop.workers(role));
      return freeze(() => [pid]);
    },
  },
];

/** @param {'users' | 'products' | 'orders'} database @returns {Fault[]} */
const relayHolder = (database) => [
  {
    name: `kill -9 of the holder of the ${database} relay`,
    async run(shop, chance) {
      const pid = await shop.relayHolder(database);
      if (pid !== null) signalAll([pid], 'SIGKILL');
      await sleep(chance.between(2_000, 6_000));
    },
  },
  {
    name: `SIGSTOP of the holder of the ${database} relay for 20 s`,
    async run(shop) {
      const pid = await shop.relayHolder(database);
      if (pid !== null) await freeze(() => [pid]);
    },
  },
];

/** @param {typeof LINKS[number]} link @returns {Fault[]} */
const network = (link) => [
  {
    name: `all connections to ${link} reset`,
    async run(shop, chance) {
      await shop.proxy.cut(link);
      await sleep(chance.between(1_000, 6_000));
      await shop.proxy.heal();
    },
  },
  {
    name: `2 s of latency to ${link}`,
    async run(shop) {
      await shop.proxy.slow(link, SLOW_BY_MS);
      await sleep(SLOW_FOR_MS);
      await shop.proxy.heal();
    },
  },
];

/** @type {readonly Fault[]} */
export const FAULTS = [
  ...worker('http'),
  ...worker('background'),
  killed('app1'),
  frozen('app2'),
  ...relayHolder('orders'),
  ...relayHolder('products'),
  ...STORES.map(killed),
  ...STORES.map(frozen),
  ...LINKS.flatMap(network),
  {
    name: 'the clock of holds ahead by 700 s',
    async run(shop) {
      await shop.cli(['expire-holds'], CLOCK_AHEAD_SECONDS);
    },
  },
];

/**
 * What one seed breaks: two faults alone, taken in turn so that twenty seeds come to each of them, then two pairs at
 * once, left to chance.
 * @param {number} turn @param {Chance} chance @returns {Fault[][]}
 */
export function scheduleOf(turn, chance) {
  const alone = [2 * turn, 2 * turn + 1].map((index) => [FAULTS[index % FAULTS.length]]);
  const pair = () => {
    const first = chance.of(FAULTS);
    const second = chance.of(FAULTS.filter((fault) => fault !== first));
    return [first, second];
  };
  return [...alone, pair(), pair()];
}
