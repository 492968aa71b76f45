import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';

const SCRIPT = join(__dirname, '../../../nginx/active-check.sh');

function listening(port = 0): Promise<Server> {
  const server = createServer((_, response) => response.end());
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The check beside servers of its own, and an Nginx that takes every list. */
describe('the check of the app servers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradepost-check-'));
  const list = join(folder, 'upstream-servers.conf');
  const servers: Server[] = [];
  let env: NodeJS.ProcessEnv;
  let check: ChildProcess;

  const listed = () =>
    [...readFileSync(list, 'utf8').matchAll(/^server 127\.0\.0\.1:(\d+) /gm)].map(([, port]) => port);
  const listedAre = (...wanted: number[]) =>
    eventually(`the list to be ${wanted.join(', ')}`, () =>
      Promise.resolve(listed().join() === wanted.map(String).join()),
    );
  /** As Nginx is started again, with a list of its own. */
  const writeAll = () => execFileSync('sh', [SCRIPT, 'write-all'], { env });

  beforeAll(async () => {
    servers.push(await listening(), await listening());
    env = {
      ...process.env,
      NGINX_APP_SERVERS: servers.map((server) => `127.0.0.1:${portOf(server)}`).join(' '),
      NGINX_UPSTREAM_FILE: list,
      NGINX_COMMAND: 'true',
      NGINX_CHECK_SECONDS: '0.1',
    };
    writeAll();
    check = spawn('sh', [SCRIPT, 'watch'], { env, stdio: 'ignore' });
  });

  afterAll(async () => {
    check.kill('SIGTERM');
    await Promise.all(servers.map(closed));
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a silent one out, also of a list that was written anew meanwhile, and back when it answers', async () => {
    const [first, second] = servers;
    if (!first || !second) throw new Error('no servers');
    const ports = [portOf(first), portOf(second)];
    const [one = 0, other = 0] = ports;
    expect(listed()).toEqual(ports.map(String));
    await closed(first);
    await listedAre(other);
    writeAll();
    await listedAre(other);
    servers[0] = await listening(one);
    await listedAre(one, other);
  });
});

/** In containers a server that was never started has no name yet, and Nginx starts with no list that names it. */
describe('the first list', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradepost-list-'));
  const list = join(folder, 'upstream-servers.conf');

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function written(programs: string): string[] {
    const env = { PATH: programs, NGINX_APP_SERVERS: 'app1:3000 app2:3000', NGINX_UPSTREAM_FILE: list };
    execFileSync('/bin/sh', [SCRIPT, 'write-all'], { env });
    return [...readFileSync(list, 'utf8').matchAll(/^server (\S+) /gm)].map(([, server]) => server ?? '');
  }

  it.each([
    ['the one whose name is known', '[ "$2" = app2 ]', ['app2:3000']],
    ['both when both are known', 'true', ['app1:3000', 'app2:3000']],
    ['both when neither is', 'false', ['app1:3000', 'app2:3000']],
  ])('has %s', (_, knows, servers) => {
    writeFileSync(join(folder, 'getent'), `#!/bin/sh\n${knows}\n`, { mode: 0o755 });
    expect(written(folder)).toEqual(servers);
  });

  it('has both where names cannot be asked for', () => {
    expect(written(join(folder, 'nothing'))).toEqual(['app1:3000', 'app2:3000']);
  });
});
