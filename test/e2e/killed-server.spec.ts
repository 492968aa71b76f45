import { readFileSync } from 'node:fs';
import { eventually } from '../support/eventually';
import { Shop, type Visitor } from '../support/shop';
import { stackCommand, Stores } from '../support/stores';

function appPids(): number[] {
  const stack: { pids: { app: (number | null)[] } } = JSON.parse(readFileSync(process.env['STACK_FILE'] ?? '', 'utf8'));
  return stack.pids.app.filter((pid): pid is number => typeof pid === 'number');
}

/** A server that dies at the worst moment loses nothing and does nothing twice. */
describe('kill -9 of the app servers between placing and confirming', () => {
  const shop = new Shop();
  const stores = new Stores();

  afterAll(async () => {
    await stackCommand('start', 'app');
    stores.close();
  });

  it('confirms the order after the restart, charged once, mailed once', async () => {
    const product = await shop.product(5);
    const customer: Visitor = await shop.customer();
    // The slow token keeps the charge on its way while both servers die.
    const { id } = await customer.buy(product.id, 1, 'tok_slow');
    for (const pid of appPids()) process.kill(pid, 'SIGKILL');
    const { status } = await stores.row<{ status: string }>('orders', 'SELECT status FROM orders WHERE id = $1', [id]);
    expect(status).toBe('pending');

    await stackCommand('start', 'app');
    await customer.orderInStatus(id, 'processing', 90_000);
    const charges = await shop.charges(id);
    expect(charges).toHaveLength(1);
    const confirmations = () =>
      stores.rows<{ id: string }>(
        'users',
        `SELECT id FROM notifications WHERE order_id = $1 AND type = 'email.order_confirmation'`,
        [id],
      );
    // Another group than that which made it `processing`: it may be the later one.
    await eventually('the confirmation to be queued', async () => (await confirmations()).length > 0);
    expect(await confirmations()).toHaveLength(1);
  }, 180_000);
});
