// @ts-check
/** @typedef {{ p50: number, p95: number, p99: number, max: number }} Times milliseconds */

/** @param {import('node:perf_hooks').Histogram} histogram of microseconds @returns {Times} */
export const timesOf = (histogram) => ({
  p50: histogram.percentile(50) / 1000,
  p95: histogram.percentile(95) / 1000,
  p99: histogram.percentile(99) / 1000,
  max: histogram.count === 0 ? 0 : histogram.max / 1000,
});
