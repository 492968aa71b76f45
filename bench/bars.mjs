// @ts-check
/** What the shop promises, and whether it was kept. */
import { bareCpu, cell, isRead, largest, loadOf, smallest, usualConnections } from './figures.mjs';

const BARE_TIMES = 4;
const TLS_CPU_MS = 0.12;
const SEARCH_CPU_MS = 3;
const SEARCH_P95_MS = 50;
const CART_CPU_MS = 0.6;
const PURCHASE_CPU_MS = 10;
const ORDERS_A_SECOND = 120;
const GROWTH_TIMES = 2;
const WORKER_MB = 200;
/** Less than noise over the minutes of a soak. */
const FLAT_MB_A_MINUTE = 0.5;
const TARGETS_MS = { search: 200, 'add to cart': 100, checkout: 2000, 'placing the order': 2000, 'order status': 500 };
/** The seed's load is met tenfold, ten times the load is met. */
const RATES = [
  { name: 'the load of the seed', requests: 100, orders: 10, share: 0.1 },
  { name: 'ten times the load', requests: 1000, orders: 100, share: 1 },
];

/**
 * @typedef {import('./run.mjs').Figures} Figures
 * @typedef {{ bar: string, measured: string, met: boolean | null }} Verdict `null`: not measured
 */

/** @param {string} bar @param {number | undefined} value @param {number} most @param {string} unit @returns {Verdict} */
function atMost(bar, value, most, unit) {
  if (value === undefined || !Number.isFinite(value)) return { bar, measured: 'not measured', met: null };
  return { bar, measured: `${cell(value)} ${unit}`, met: value <= most };
}

/** @param {Figures} figures @returns {Verdict[]} */
function cachedReads(figures) {
  const at = usualConnections(figures);
  const size = largest(figures);
  const bare = bareCpu(size, at) ?? NaN;
  return ['detail', 'list of a department'].flatMap((read) => {
    const alone = loadOf(size, `${read}, cached, one server`, at)?.cpu.worker ?? NaN;
    const tls = loadOf(size, `${read}, cached`, at)?.cpu;
    return [
      atMost(`${read}, cached: at most ${BARE_TIMES} times the bare handler`, alone / bare, BARE_TIMES, 'times'),
      atMost(
        `${read}, cached, through Nginx with TLS: at most ${TLS_CPU_MS} ms of CPU`,
        tls && (tls.worker ?? 0) + (tls.nginxExact ?? 0),
        TLS_CPU_MS,
        'ms',
      ),
    ];
  });
}

/** @param {Figures} figures @returns {Verdict[]} */
function searches(figures) {
  const size = largest(figures);
  const at = usualConnections(figures);
  const cold = size.loads.filter(({ name }) => /^search.*uncached$/.test(name));
  const worst = (/** @type {number[]} */ values) => (values.length === 0 ? undefined : Math.max(...values));
  const busy = cold.filter(({ connections }) => connections === at).map(({ cpu }) => cpu.total ?? 0);
  // With more at once than processors the time is that of waiting in line.
  const alone = Math.min(...figures.options.connections);
  const calm = cold.filter(({ connections }) => connections === alone).map(({ times }) => times.p95);
  const products = size.products.toLocaleString('en-US');
  return [
    atMost(
      `cold search at ${products}: at most ${SEARCH_CPU_MS} ms of CPU in all, any kind of word`,
      worst(busy),
      SEARCH_CPU_MS,
      'ms',
    ),
    atMost(
      `cold search at ${products}: p95 under ${SEARCH_P95_MS} ms, ${alone} at once`,
      worst(calm),
      SEARCH_P95_MS,
      'ms',
    ),
  ];
}

/** @param {Figures} figures @returns {Verdict[]} */
function writes(figures) {
  const size = largest(figures);
  const add = loadOf(size, 'add to cart', usualConnections(figures))?.cpu.total;
  const all = figures.sizes.flatMap(({ purchases }) => purchases);
  const best = all.length === 0 ? undefined : all.reduce((most, one) => (one.perSecond > most.perSecond ? one : most));
  return [
    atMost(`add to cart: at most ${CART_CPU_MS} ms of CPU in all`, add, CART_CPU_MS, 'ms'),
    atMost(`a purchase: at most ${PURCHASE_CPU_MS} ms of CPU in all processes`, best?.cpu.total, PURCHASE_CPU_MS, 'ms'),
    {
      bar: `at least ${ORDERS_A_SECOND} orders a second`,
      measured: best ? `${cell(best.perSecond)} a second, ${best.buyers} buyers` : 'not measured',
      met: best ? best.perSecond >= ORDERS_A_SECOND : null,
    },
  ];
}

/** p95 at the largest size over p95 at the smallest. @param {Figures} figures @param {number} connections */
export function growth(figures, connections) {
  const [small, large] = [smallest(figures), largest(figures)];
  if (small === large) return [];
  return large.loads
    .filter(({ name, connections: n }) => n === connections && isRead(name))
    .map(({ name, times }) => ({ name, times: times.p95 / (loadOf(small, name, connections)?.times.p95 ?? NaN) }));
}

/** @param {Figures} figures @returns {Verdict} */
function noGrowth(figures) {
  const bar = `no read's p95 more than ${GROWTH_TIMES} times from the smallest to the largest catalogue`;
  const all = growth(figures, usualConnections(figures));
  const [worst] = all.sort((a, b) => b.times - a.times);
  if (!worst) return { bar, measured: 'not measured', met: null };
  return { bar, measured: `${cell(worst.times)} times: ${worst.name}`, met: worst.times <= GROWTH_TIMES };
}

/** @param {Figures} figures @returns {Verdict[]} */
function targets(figures) {
  const { rates } = largest(figures);
  return RATES.flatMap(({ name: load, requests, orders, share }) =>
    Object.entries(TARGETS_MS).map(([name, target]) => {
      const each = name === 'checkout' || name === 'placing the order' ? 'orders' : 'requests';
      const rate = each === 'orders' ? orders : requests;
      const figure = rates.find((one) => one.name === name && one.rate === rate);
      const bar = `${load}: ${name} within ${cell(target * share)} ms (p95)`;
      const verdict = atMost(bar, figure?.times.p95, target * share, 'ms');
      if (!figure || verdict.met === null) return verdict;
      const troubles = [figure.failed && `${figure.failed} failed`, figure.late && `${figure.late} began late`].filter(
        Boolean,
      );
      const measured = [`${verdict.measured} at ${rate} ${each}/s`, ...troubles].join(', ');
      return { bar, measured, met: verdict.met && troubles.length === 0 };
    }),
  );
}

/** @param {Figures} figures @returns {Verdict[]} */
function memory({ sizes }) {
  const all = sizes.flatMap((size) => [
    ...Object.values(size.memory),
    ...(size.soak?.workers.map(({ most }) => most) ?? []),
  ]);
  const slopes = sizes.flatMap((size) => size.soak?.workers.map(({ slopePerMinute }) => slopePerMinute) ?? []);
  const flat = slopes.length === 0 ? undefined : Math.max(...slopes);
  return [
    atMost(
      `memory of a worker under ${WORKER_MB} MB`,
      all.length === 0 ? undefined : Math.max(...all),
      WORKER_MB,
      'MB',
    ),
    atMost(`and flat: at most ${FLAT_MB_A_MINUTE} MB a minute`, flat, FLAT_MB_A_MINUTE, 'MB a minute'),
  ];
}

/** At even rates it is said there. @param {Figures} figures @returns {Verdict} */
function nothingFailed({ sizes }) {
  const failed = sizes
    .flatMap(({ loads, purchases }) => [...loads, ...purchases])
    .reduce((sum, figure) => sum + figure.failed, 0);
  const troubles = sizes.reduce((sum, size) => sum + size.troubles.length, 0);
  const measured = `${failed} failed${troubles > 0 ? `, ${troubles} scenarios broke off` : ''}`;
  return { bar: 'no request and no purchase fails', measured, met: failed + troubles === 0 };
}

/** @param {Figures} figures @returns {Verdict[]} */
export const verdicts = (figures) => [
  nothingFailed(figures),
  ...cachedReads(figures),
  ...searches(figures),
  ...writes(figures),
  noGrowth(figures),
  ...targets(figures),
  ...memory(figures),
];
