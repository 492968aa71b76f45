// @ts-check
/** Processes of this machine as the kernel sees them. */
import fs from 'node:fs';

/** @param {number} pid @returns {number[]} its children, theirs, and so on */
export function descendantsOf(pid) {
  /** @type {number[]} */
  const found = [];
  const waiting = [pid];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    for (const child of childrenOf(parent)) {
      found.push(child);
      waiting.push(child);
    }
  }
  return found;
}

/** @param {number} pid @returns {number[]} */
export function childrenOf(pid) {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    return threads.flatMap((thread) =>
      fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** A variable of the environment a process was started with. @param {number} pid @param {string} name */
export function variableOf(pid, name) {
  try {
    const entry = fs
      .readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((line) => line.startsWith(`${name}=`));
    return entry?.slice(name.length + 1) ?? null;
  } catch {
    return null;
  }
}

/** @param {number[]} pids @param {NodeJS.Signals} signal */
export function signalAll(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself.
    }
  }
}
