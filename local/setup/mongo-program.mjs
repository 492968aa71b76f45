// @ts-check
/**
 * A server that speaks MongoDB: a real mongod 7 or newer on the PATH, else SecantusDB, built once by cargo.
 * SecantusDB is a stand-in for throwaway data; `docs/` says where it differs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { slowStep, Trouble } from '../stack/say.mjs';
import { cacheRoot, exclusively } from './cache.mjs';
import { canInstall, find, findOrInstall, installPackages, majorVersion, run } from './programs.mjs';

const VERSION = '0.5.3-beta.196';

/** @typedef {{ kind: 'mongod' | 'secantus', command: string }} MongoProgram */

/** @type {Promise<MongoProgram> | undefined} */
let program;

export const mongoProgram = () => (program ??= locate());

/** @returns {Promise<MongoProgram>} */
async function locate() {
  const mongod = find('mongod');
  if (mongod && (await majorVersion(mongod)) >= 7) return { kind: 'mongod', command: mongod };
  const folder = path.join(cacheRoot(), `secantus-${VERSION}`);
  const command = path.join(folder, 'bin', 'secantusd-rs');
  if (!fs.existsSync(command)) {
    await exclusively(`${folder}.lock`, 'mongo', async () => {
      if (!fs.existsSync(command)) await build(folder);
    });
  }
  return { kind: 'secantus', command };
}

/** @param {string} folder */
async function build(folder) {
  const cargo = find('cargo') ?? (await installCargo());
  await findOrInstall('mongo', 'cmake', ['cmake']);
  await findOrInstall('mongo', 'cc', ['build-essential']);
  const target = path.join(cacheRoot(), 'secantus-build');
  const unfinished = `${folder}.unfinished`;
  const args = [
    'install',
    'secantus-mdb',
    '--version',
    VERSION,
    '--locked',
    '--ignore-rust-version',
    '--root',
    unfinished,
  ];
  try {
    await slowStep('mongo: building SecantusDB with cargo', 'no mongod here; first time only, about 6 min', () =>
      // A target of our own lets an interrupted build go on where it was.
      run(cargo, args, { env: { ...process.env, CARGO_TARGET_DIR: target } }),
    );
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Trouble(`mongo: the build failed; put mongod 7 or newer on the PATH or set MONGO_URL (${message})`);
  }
  fs.renameSync(unfinished, folder);
  fs.rmSync(target, { recursive: true, force: true });
}

async function installCargo() {
  if (!canInstall()) {
    throw new Trouble('mongo: put mongod 7 or newer (or cargo, to build a stand-in) on the PATH, or set MONGO_URL');
  }
  // Debian's own cargo may be years old; cargo-web follows the browsers it builds.
  await installPackages('mongo', ['cargo-web']).catch(() => installPackages('mongo', ['cargo']));
  return findOrInstall('mongo', 'cargo', ['cargo']);
}
