// @ts-check
/**
 * npm run bench -- [options]; see README.md here.
 * Measures the shop on stacks of its own, keeps the numbers as JSON and writes the report of them.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { measureSize } from './one-size.mjs';
import { readOptions } from './options.mjs';
import { reportOf } from './report.mjs';
import { ROOT } from './stack.mjs';

/** @typedef {{ begun: string, minutes: number, machine: { processors: number, model: string, gigabytes: number, node: string, commit: string }, options: import('./options.mjs').Options, sizes: import('./one-size.mjs').SizeFigures[] }} Figures */

/** @param {string} file @param {string} text */
function write(file, text) {
  const whole = path.resolve(ROOT, file);
  fs.mkdirSync(path.dirname(whole), { recursive: true });
  fs.writeFileSync(whole, text);
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** @param {import('./options.mjs').Options} options */
async function measure(options) {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const begun = new Date();
  const machine = {
    processors: os.availableParallelism(),
    model: os.cpus()[0]?.model ?? 'unknown',
    gigabytes: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
    commit: commit(),
  };
  /** @type {Figures} */
  const figures = { begun: begun.toISOString(), minutes: 0, machine, options, sizes: [] };
  for (const [i, size] of options.sizes.entries()) {
    figures.sizes.push(await measureSize(size, options, i === options.sizes.length - 1));
    figures.minutes = (Date.now() - begun.getTime()) / 60_000;
    // After each size: a run that breaks off has told something.
    write(options.json, JSON.stringify(figures, null, 2));
  }
  return figures;
}

const options = readOptions();
/** @type {Figures} */
const figures = options.from
  ? JSON.parse(fs.readFileSync(path.resolve(ROOT, options.from), 'utf8'))
  : await measure(options);
const report = reportOf(figures);
write(options.report, report);
console.log(`\n${report}`);
