// @ts-check
/** Finding numbers in a run, and writing them. */

/**
 * @typedef {import('./run.mjs').Figures} Figures
 * @typedef {Figures['sizes'][number]} Size
 */

/** Bars are judged here, or at the next number of connections measured. */
const USUAL_CONNECTIONS = 50;

export const count = (/** @type {number} */ number) => number.toLocaleString('en-US');

/** Three digits that say something. @param {number | undefined} number */
export function cell(number) {
  if (number === undefined || !Number.isFinite(number)) return '–';
  if (number >= 100) return number.toFixed(0);
  if (number >= 10) return number.toFixed(1);
  return number >= 1 ? number.toFixed(2) : number.toFixed(3);
}

/** @param {string[]} head @param {string[][]} rows */
export const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** @param {Figures} figures */
export function usualConnections({ options }) {
  const { connections } = options;
  return connections.reduce((best, n) =>
    Math.abs(n - USUAL_CONNECTIONS) < Math.abs(best - USUAL_CONNECTIONS) ? n : best,
  );
}

/** @param {Size | undefined} size @param {string} name @param {number} connections */
export const loadOf = (size, name, connections) =>
  size?.loads.find((figure) => figure.name === name && figure.connections === connections);

/** @param {Figures} figures */
export const smallest = ({ sizes }) => sizes.reduce((best, size) => (size.products < best.products ? size : best));

/** @param {Figures} figures */
export const largest = ({ sizes }) => sizes.reduce((best, size) => (size.products > best.products ? size : best));

/** CPU milliseconds of the bare handler, of the size it was measured beside. @param {Size} size @param {number} connections */
export const bareCpu = (size, connections) => size.limits?.redis.find((bare) => bare.connections === connections)?.cpu;

/** A search is not of the catalogue's reads alone: all but what changes something. @param {string} name */
export const isRead = (name) => !/^(add to cart|login)/.test(name);
