// @ts-check
/** Finding programs on this machine, running them, and installing a system package where that is allowed. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { slowStep, Trouble } from '../stack/say.mjs';

/** Debian keeps daemons out of a plain user's PATH. */
const EXTRA_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/sbin',
  '/opt/homebrew/bin',
  path.join(os.homedir(), '.cargo/bin'),
];

export const isRoot = process.getuid?.() === 0;

/** @param {string} name @param {string[]} [folders] @returns {string | null} */
export function find(name, folders = []) {
  const searched = [...(process.env.PATH ?? '').split(path.delimiter), ...EXTRA_FOLDERS, ...folders];
  for (const folder of searched) {
    const file = path.join(folder, name);
    try {
      fs.accessSync(file, fs.constants.X_OK);
      if (fs.statSync(file).isFile()) return file;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** Programs that run at this moment: they end with us. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/**
 * Runs a program to its end; its output is returned, and shown in the error when it fails.
 * @param {string} command @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number, input?: string }} [options]
 * @returns {Promise<{ out: string, err: string }>}
 */
export function run(command, args, { input, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(child);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.on('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.on('close', (code) => {
      running.delete(child);
      if (code === 0) return resolve({ out, err });
      const lines = `${out}\n${err}`.trim().split('\n');
      const telling = lines.find((line) => /\b(error|emerg|fatal|cannot|unable)\b/i.test(line)) ?? lines.at(-1);
      reject(
        new Trouble(
          `${path.basename(command)} ${args[0] ?? ''} failed (${code}): ${(telling ?? '').trim().slice(0, 400)}`,
        ),
      );
    });
  });
}

/** The first version number a program tells. @param {string} command @param {string[]} [args] */
export async function majorVersion(command, args = ['--version']) {
  try {
    const { out, err } = await run(command, args);
    return Number(/(\d+)\.\d+/.exec(`${out}${err}`)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export const canInstall = () => isRoot && find('apt-get') !== null;

/** apt allows one run at a time. @type {Promise<unknown>} */
let aptQueue = Promise.resolve();
let listsAreFresh = false;

/** @param {string} part @param {string[]} packages */
export function installPackages(part, packages) {
  const turn = aptQueue.then(() =>
    slowStep(`${part}: installing ${packages.join(' ')}`, 'first time, about 15 s', async () => {
      // Without this a package starts its own daemon on its default port.
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
      const options = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
      if (!listsAreFresh) await run('apt-get', [...options, 'update', '-q'], { env });
      listsAreFresh = true;
      await run('apt-get', [...options, 'install', '-y', '-q', '--no-install-recommends', ...packages], { env });
    }),
  );
  aptQueue = turn.catch(() => {});
  return turn;
}

/** A program, installed when it is missing. @param {string} part @param {string} name @param {string[]} packages */
export async function findOrInstall(part, name, packages) {
  const found = find(name);
  if (found) return found;
  if (!canInstall()) {
    throw new Trouble(`${part}: \`${name}\` is missing: install ${packages.join(' ')} and start again`);
  }
  await installPackages(part, packages);
  const installed = find(name);
  if (!installed) throw new Trouble(`${part}: ${packages.join(' ')} was installed, but \`${name}\` is not on the PATH`);
  return installed;
}
