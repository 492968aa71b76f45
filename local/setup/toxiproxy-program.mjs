// @ts-check
/** Toxiproxy, for fault runs only: on the PATH, else built once by Go. */
import fs from 'node:fs';
import path from 'node:path';
import { cached } from './cache.mjs';
import { find, findOrInstall, run } from './programs.mjs';

const VERSION = '2.12.0';
const MODULE = `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`;

/** Go's own installer puts itself where no PATH looks. */
const GO_FOLDERS = ['/usr/local/go/bin'];

/** @returns {Promise<string>} the server's command */
export async function toxiproxyProgram() {
  const found = find('toxiproxy-server');
  if (found) return found;
  const go = find('go', GO_FOLDERS) ?? (await findOrInstall('toxiproxy', 'go', ['golang-go']));
  const folder = await cached({
    item: `toxiproxy-${VERSION}`,
    part: 'toxiproxy',
    hint: 'built by Go, about 30 s',
    fetch: async (unfinished) => {
      await run(go, ['install', MODULE], { env: { ...process.env, GOBIN: unfinished, GOTOOLCHAIN: 'auto' } });
      fs.renameSync(path.join(unfinished, 'server'), path.join(unfinished, 'toxiproxy-server'));
    },
  });
  return path.join(folder, 'toxiproxy-server');
}
