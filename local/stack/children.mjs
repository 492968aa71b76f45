// @ts-check
/**
 * The operating-system processes of a stack. Each is started in a group of its own and written down in
 * `run/<instance>.pid`, so that whoever comes later (another terminal, a second start) can find and stop it.
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from './say.mjs';

/**
 * @typedef {{ pid: number, born: string }} Recorded  `born` tells our process from a later one with the same pid
 * @typedef {{ command: string, args: string[], env?: NodeJS.ProcessEnv, cwd: string, uid?: number, gid?: number }} Launch
 */

/** Written beside and renamed: a reader sees the old or the new whole. @param {string} file @param {string} text @param {number} [mode] */
export function writeWhole(file, text, mode = 0o644) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.new`;
  fs.writeFileSync(beside, `${text}\n`, { mode });
  fs.renameSync(beside, file);
}

/** When this process was born, or null when it is gone (a zombie is gone). @param {number} pid */
export function birth(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19];
    }
    const [state, ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return !state || state.startsWith('Z') ? null : started.join(' ');
  } catch {
    return null;
  }
}

/** @param {string} stackDir @param {string} id */
const pidFile = (stackDir, id) => path.join(stackDir, 'run', `${id}.pid`);

/** @param {string} stackDir @param {string} id @returns {Recorded | null} */
export function recorded(stackDir, id) {
  try {
    return JSON.parse(fs.readFileSync(pidFile(stackDir, id), 'utf8'));
  } catch {
    return null;
  }
}

/** The pid of a running instance, or null. @param {string} stackDir @param {string} id */
export function runningPid(stackDir, id) {
  const record = recorded(stackDir, id);
  return record && birth(record.pid) === record.born ? record.pid : null;
}

/** @param {string} stackDir @param {string} id */
export const logFile = (stackDir, id) => path.join(stackDir, 'logs', `${id}.log`);

/** The last line a part wrote that is worth reading. @param {string} stackDir @param {string} id */
export function lastLogLine(stackDir, id) {
  try {
    const lines = fs.readFileSync(logFile(stackDir, id), 'utf8').slice(-8000).trim().split('\n');
    const telling =
      lines.findLast(
        (line) =>
          /\b(error|fatal|denied|cannot|can't|invalid|emerg|exception)\b/i.test(line) && !/overcommit/.test(line),
      ) ?? lines.at(-1);
    return (telling ?? '').trim().slice(0, 300);
  } catch {
    return '';
  }
}

/**
 * Starts an instance in the background; it outlives this process.
 * @param {string} stackDir @param {string} id @param {Launch} launch
 * @returns {Promise<number>} its pid
 */
export async function startChild(stackDir, id, { command, args, env, cwd, uid, gid }) {
  sweepGroup(stackDir, id);
  fs.mkdirSync(path.join(stackDir, 'logs'), { recursive: true });
  const log = fs.openSync(logFile(stackDir, id), 'a');
  try {
    const child = spawn(command, args, { env, cwd, uid, gid, detached: true, stdio: ['ignore', log, log] });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const pid = /** @type {number} */ (child.pid);
    writeWhole(pidFile(stackDir, id), JSON.stringify({ pid, born: birth(pid) ?? 'gone' }));
    return pid;
  } catch (error) {
    throw new Trouble(`${id}: ${command} does not start: ${/** @type {Error} */ (error).message}`);
  } finally {
    fs.closeSync(log);
  }
}

/**
 * Ends what a dead instance left behind in its group (cluster workers, for one).
 * @param {string} stackDir @param {string} id @returns {boolean} whether there was something
 */
export function sweepGroup(stackDir, id) {
  const record = recorded(stackDir, id);
  // A living leader with another birth is a stranger that was given the old number.
  if (!record || birth(record.pid) !== null) return false;
  try {
    process.kill(-record.pid, 'SIGKILL');
    return true;
  } catch {
    // Nothing was left.
    return false;
  }
}

/**
 * Stops an instance: politely, then after `grace` milliseconds for good.
 * @param {string} stackDir @param {string} id @param {NodeJS.Signals} signal @param {number} grace
 */
export async function stopChild(stackDir, id, signal, grace) {
  const pid = runningPid(stackDir, id);
  if (pid !== null) {
    signalQuietly(pid, signal);
    const deadline = Date.now() + grace;
    while (Date.now() < deadline && runningPid(stackDir, id) !== null) await sleep(40);
    if (runningPid(stackDir, id) !== null) {
      signalQuietly(-pid, 'SIGKILL');
      while (runningPid(stackDir, id) !== null) await sleep(20);
    }
  }
  sweepGroup(stackDir, id);
  fs.rmSync(pidFile(stackDir, id), { force: true });
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function signalQuietly(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself between the look and the signal.
  }
}
