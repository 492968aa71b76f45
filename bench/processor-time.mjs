// @ts-check
/** CPU time of the stack's processes, children included, from /proc. */
import fs from 'node:fs';

const TICKS_PER_SECOND = 100;

/** @returns {Map<number, number[]>} children by parent */
function childrenByParent() {
  const children = new Map();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = statOf(Number(name));
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while we looked.
    }
  }
  return children;
}

/** The fields after the command, which may hold spaces: state, parent, … @param {number} pid */
function statOf(pid) {
  const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** @param {number} pid @param {Map<number, number[]>} children @returns {number} milliseconds, ended children included */
function timeOf(pid, children) {
  let ticks = 0;
  try {
    const fields = statOf(pid);
    ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  } catch {
    return 0;
  }
  const own = (ticks * 1000) / TICKS_PER_SECOND;
  return (children.get(pid) ?? []).reduce((sum, child) => sum + timeOf(child, children), own);
}

/** CPU milliseconds so far by part. @param {Record<string, number | number[]>} pids of stack.json */
export function processorTime(pids) {
  const children = childrenByParent();
  return Object.fromEntries(
    Object.entries(pids).map(([part, value]) => [
      part,
      [value].flat().reduce((sum, pid) => sum + (pid ? timeOf(pid, children) : 0), 0),
    ]),
  );
}

/** What each part used between two readings, per operation. @param {Record<string, number>} before @param {Record<string, number>} after @param {number} operations */
export function perOperation(before, after, operations) {
  const parts = Object.keys(after).map((part) => [part, ((after[part] ?? 0) - (before[part] ?? 0)) / operations]);
  const total = parts.reduce((sum, [, ms]) => sum + Number(ms), 0);
  return { ...Object.fromEntries(parts), total };
}

/** CPU milliseconds so far of the threads of these processes, to the nanosecond; short runs need no ticks. @param {readonly number[]} pids */
export function exactTime(pids) {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const task of fs.readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
    const workers = childrenByParent().get(pid) ?? [];
    if (fs.readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('nginx')) nanoseconds += exactTime(workers) * 1e6;
  }
  return nanoseconds / 1e6;
}

/** The workers of an app server and what they do. @param {number} server */
export function workersOf(server) {
  const workers = childrenByParent().get(server) ?? [];
  return workers.map((pid) => {
    const role = /WORKER_ROLE=(\w+)/.exec(fs.readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1] ?? '?';
    return { pid, role };
  });
}

/** Those that answer requests. @param {number} server */
export const httpWorkersOf = (server) =>
  workersOf(server)
    .filter(({ role }) => role === 'http')
    .map(({ pid }) => pid);
