// @ts-check
/** Redis 7 or newer: from the PATH, else the system's package, else the binary inside a Maven jar. */
import fs from 'node:fs';
import path from 'node:path';
import { Trouble } from '../stack/say.mjs';
import { cached } from './cache.mjs';
import { canInstall, find, installPackages, majorVersion, run } from './programs.mjs';
import { fetchJars, findMaven } from './maven.mjs';

const JAR = 'com.github.codemonstur:embedded-redis:1.4.3';

/** @type {Promise<string> | undefined} */
let program;

export const redisProgram = () => (program ??= locate());

async function locate() {
  const found = find('redis-server');
  if (found && (await majorVersion(found)) >= 7) return found;
  if (!found && canInstall()) {
    await installPackages('redis', ['redis-server']);
    const installed = find('redis-server');
    if (installed) return installed;
  }
  return fromMaven(found);
}

/** @param {string | null} older */
async function fromMaven(older) {
  if (!findMaven() && !canInstall()) {
    if (older) return older;
    throw new Trouble('redis: install redis-server (7 or newer), or set REDIS_URL');
  }
  const folder = await cached({
    item: 'redis-embedded-1.4.3',
    part: 'redis',
    hint: 'about 5 s',
    fetch: async (into) => {
      await fetchJars('redis', into, [JAR]);
      const jar = fs.readdirSync(into).find((name) => name.startsWith('embedded-redis'));
      await unpack(path.join(into, /** @type {string} */ (jar)), into);
      fs.chmodSync(path.join(into, binaryName(into)), 0o755);
    },
  });
  return path.join(folder, binaryName(folder));
}

/** A Java runtime alone has no `jar`. @param {string} archive @param {string} into */
async function unpack(archive, into) {
  const [jar, unzip, python] = ['jar', 'unzip', 'python3'].map((name) => find(name));
  if (jar) await run(jar, ['xf', archive], { cwd: into });
  else if (unzip) await run(unzip, ['-q', '-o', archive, '-d', into]);
  else if (python) await run(python, ['-m', 'zipfile', '-e', archive, into]);
  else throw new Trouble('redis: install redis-server (7 or newer), or unzip to unpack one, or set REDIS_URL');
}

/** @param {string} folder */
function binaryName(folder) {
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  const cpu = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const name = fs
    .readdirSync(folder)
    .find((file) => file.startsWith('redis-server') && file.includes(system) && file.endsWith(cpu));
  if (!name) {
    throw new Trouble(`redis: no ready-made server for ${system} ${cpu}: install redis-server, or set REDIS_URL`);
  }
  return name;
}
