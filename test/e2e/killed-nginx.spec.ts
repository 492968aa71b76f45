import { readFileSync } from 'node:fs';
import { Shop } from '../support/shop';
import { stackCommand } from '../support/stores';

function nginxPid(): number | null {
  const stack: { pids: { nginx: number | null } } = JSON.parse(readFileSync(process.env['STACK_FILE'] ?? '', 'utf8'));
  return stack.pids.nginx;
}

/** Its workers live on, and keep its ports. */
describe('kill -9 of the master of Nginx', () => {
  const shop = new Shop();

  afterAll(async () => {
    await stackCommand('start', 'nginx');
  });

  it('is mended by starting it again', async () => {
    const killed = nginxPid();
    if (killed === null) throw new Error('Nginx does not run');
    process.kill(killed, 'SIGKILL');
    await stackCommand('start', 'nginx');
    expect(nginxPid()).not.toBe(killed);
    expect((await shop.visitor().send('GET', '/v1/categories')).status).toBe(200);
  }, 60_000);
});
