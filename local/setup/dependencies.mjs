// @ts-check
/** What must be there before anything starts: the right Node, the npm packages, the compiled application. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../stack/plan.mjs';
import { slowStep, Trouble } from '../stack/say.mjs';
import { exclusively } from './cache.mjs';
import { run } from './programs.mjs';

const LOWEST = [20, 19];
const NEEDED_MEGABYTES = 1024;

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < LOWEST[0] || (major === LOWEST[0] && minor < LOWEST[1])) {
    throw new Trouble(`Node ${process.versions.node} is too old: install Node ${LOWEST.join('.')} or newer`);
  }
}

/** @param {string} folder an existing folder of the data's file system */
export function checkDisk(folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  if (free < NEEDED_MEGABYTES) {
    throw new Trouble(
      `disk: ${free} MB free at ${folder}, ${NEEDED_MEGABYTES} MB are needed: make room, or set STACK_DIR to another disk`,
    );
  }
}

/** @param {string} file */
const changed = (file) => (fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0);

/** When anything under a folder last changed, deletions included. @param {string} folder @returns {number} */
function newestUnder(folder) {
  let newest = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    // The build itself writes metadata.ts.
    if (entry.name === 'metadata.ts') continue;
    if (entry.isDirectory()) newest = Math.max(newest, changed(file), newestUnder(file));
    else newest = Math.max(newest, changed(file));
  }
  return newest;
}

/** @param {string[]} args */
function npm(args) {
  const cli = process.env.npm_execpath;
  const env = { ...process.env, NODE_ENV: undefined };
  if (cli?.endsWith('.js')) return run(process.execPath, [cli, ...args], { cwd: ROOT, env });
  return run('npm', args, { cwd: ROOT, env });
}

export async function installDependencies() {
  const lock = path.join(ROOT, 'package-lock.json');
  const installed = path.join(ROOT, 'node_modules', '.package-lock.json');
  const upToDate = () => changed(installed) >= changed(lock) && changed(installed) > 0;
  if (upToDate()) return;
  await exclusively(path.join(ROOT, '.local', 'packages.lock'), 'packages', async () => {
    if (upToDate()) return;
    await slowStep('packages: npm ci', 'first time or after a change, about 30 s', () =>
      npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']),
    );
    fs.utimesSync(installed, new Date(), new Date());
  });
}

/** Compiles when a source is newer than what was compiled from it. */
export async function buildApplication() {
  const compiled = path.join(ROOT, 'dist', 'src', 'cluster.js');
  const configuration = ['nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  const upToDate = () => {
    const folders = ['src', 'migrations']
      .map((name) => path.join(ROOT, name))
      .filter((folder) => fs.existsSync(folder));
    const newest = Math.max(
      ...folders.map(newestUnder),
      ...configuration.map((name) => changed(path.join(ROOT, name))),
    );
    return changed(compiled) >= newest;
  };
  if (upToDate()) return;
  await exclusively(path.join(ROOT, '.local', 'build.lock'), 'build', async () => {
    if (upToDate()) return;
    await slowStep('build: compiling src', 'about 15 s', async () => {
      try {
        await npm(['run', 'build']);
      } catch (error) {
        // Half a build must not pass for a whole one at the next start.
        fs.rmSync(compiled, { force: true });
        throw new Trouble(`the build failed, \`npm run build\` shows why: ${/** @type {Error} */ (error).message}`);
      }
    });
    if (!fs.existsSync(compiled)) throw new Trouble('the build made no dist/src/cluster.js: see `npm run build`');
    fs.utimesSync(compiled, new Date(), new Date());
  });
}
