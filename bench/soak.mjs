// @ts-check
/** An even load for minutes, and the memory of each app worker meanwhile. */
import fs from 'node:fs';
import { load, purchases } from './measure.mjs';
import { workersOf } from './processor-time.mjs';

const EVERY_MS = 10_000;
const READS_A_SECOND = 100;
const PURCHASES_A_SECOND = 5;
/** Caches of a process fill first. */
const SETTLED_AFTER = 0.3;

/** @param {number} pid */
const memoryOf = (pid) => {
  const text = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
};

/** Pages that processes share, as of Node itself, are divided among them. @param {number} pid */
const shareOf = (pid) => {
  const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
};

/** Megabytes of each worker now, with what it shares counted whole. @param {import('./stack.mjs').Stack} stack @returns {Record<string, number>} */
export const memory = (stack) =>
  Object.fromEntries(stack.pids.app.flatMap(workersOf).map(({ pid, role }) => [`${role} ${pid}`, memoryOf(pid)]));

/** Megabytes that all workers take of the machine. @param {import('./stack.mjs').Stack} stack */
export const memoryTogether = (stack) =>
  stack.pids.app.flatMap(workersOf).reduce((sum, { pid }) => sum + shareOf(pid), 0);

/** Least squares. @param {[x: number, y: number][]} points */
export function slopeOf(points) {
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([at]) => at));
  const y = mean(points.map(([, value]) => value));
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
}

/**
 * @param {import('./stack.mjs').Stack} stack @param {number} seconds
 * @param {{ reads: import('./load-driver.mjs').Ask[], buyers: import('./customers.mjs').Customer[], products: string[] }} of
 */
export async function soak(stack, seconds, { reads, buyers, products }) {
  /** @type {{ second: number, megabytes: Record<string, number> }[]} */
  const readings = [];
  const begun = Date.now();
  const note = () => readings.push({ second: Math.round((Date.now() - begun) / 1000), megabytes: memory(stack) });
  note();
  const clock = setInterval(note, EVERY_MS);
  const base = stack.baseUrl;
  const [reading, buying] = await Promise.all([
    load({ base, asks: reads, connections: 50, seconds, rate: READS_A_SECOND }),
    purchases({ base, buyers, products, seconds, rate: PURCHASES_A_SECOND }),
  ]);
  clearInterval(clock);
  note();
  const workers = Object.keys(readings.at(-1)?.megabytes ?? {}).map((worker) => {
    const points = readings
      .filter(({ second, megabytes }) => second >= seconds * SETTLED_AFTER && worker in megabytes)
      .map(({ second, megabytes }) => /** @type {[number, number]} */ ([second / 60, megabytes[worker] ?? 0]));
    return { worker, most: Math.max(...points.map(([, value]) => value)), slopePerMinute: slopeOf(points) };
  });
  return { seconds, reads: reading, purchases: { done: buying.done, failed: buying.failed }, readings, workers };
}
