// @ts-check
/** Where fetched programs are kept: outside the tree, shared by all clones, each item fetched once and put in place whole. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { birth } from '../stack/children.mjs';
import { say, slowStep } from '../stack/say.mjs';

export function cacheRoot() {
  return path.resolve(process.env.TRADEPOST_CACHE || path.join(os.homedir(), '.cache', 'tradepost'));
}

/**
 * One at a time, across processes: a lock whose holder died is taken over.
 * @template T
 * @param {string} file @param {string} what @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function exclusively(file, what, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, born: birth(process.pid) });
  for (let told = false; !(await tookLock(file, mine)); await sleep(250)) {
    if (!told) say(`${what}: another start is at it, waiting …`);
    told = true;
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** @param {string} file @param {string} mine */
async function tookLock(file, mine) {
  try {
    fs.writeFileSync(file, mine, { flag: 'wx' });
  } catch {
    if (holderLives(file)) return false;
    fs.rmSync(file, { force: true });
    return false;
  }
  // Two that find the same dead holder may both get here: the last to write keeps it.
  await sleep(30);
  return fs.readFileSync(file, { encoding: 'utf8', flag: 'a+' }) === mine;
}

/** @param {string} file */
function holderLives(file) {
  try {
    const { pid, born } = JSON.parse(fs.readFileSync(file, 'utf8'));
    return birth(pid) === born;
  } catch {
    // Just made and not yet filled, or just released.
    return fs.existsSync(file) && Date.now() - fs.statSync(file).mtimeMs < 2000;
  }
}

/**
 * The folder of a cached item; fetched into a neighbour first, so that a broken fetch leaves nothing half.
 * @param {{ root?: string, item: string, part: string, hint: string, fetch: (folder: string) => Promise<void> }} wanted
 */
export async function cached({ root = cacheRoot(), item, part, hint, fetch }) {
  const folder = path.join(root, item);
  if (fs.existsSync(folder)) return folder;
  await exclusively(path.join(root, `${item}.lock`), part, async () => {
    if (fs.existsSync(folder)) return;
    const unfinished = `${folder}.unfinished`;
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.mkdirSync(unfinished, { recursive: true });
    await slowStep(`${part}: fetching`, `first time, ${hint}`, () => fetch(unfinished));
    fs.renameSync(unfinished, folder);
  });
  return folder;
}
