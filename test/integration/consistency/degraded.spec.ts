import { eventually } from '../../support/eventually';
import { bringBack } from '../../support/outage';
import { cliExit, stackCommand } from '../../support/stores';
import { AuditOffice, type Report } from './audit-office';

const MONTH_SECONDS = 31 * 24 * 3600;

function read(stdout: string): Report {
  const report: Report = JSON.parse(stdout);
  return report;
}

/** What a check needs may be down: then it says so, and the others look. */
describe('a look at a shop', () => {
  let office: AuditOffice;

  beforeAll(async () => {
    office = await AuditOffice.open();
  });

  afterAll(async () => {
    await bringBack('mongo', 'provider');
    office.close();
  }, 60_000);

  it('finds nothing wrong with an order wherever it lies, and that it is due', async () => {
    const order = await office.buy();
    await office.deliver(order);
    await office.settled([order]);
    const due = await cliExit(['consistency', '--json'], MONTH_SECONDS);
    expect(due.code).toBe(1);
    expect(AuditOffice.brokenFor(read(due.stdout), order.id)).toEqual(['archive.due']);

    await cliExit(['archive'], MONTH_SECONDS);
    expect(AuditOffice.brokenFor(await office.report(), order.id)).toEqual([]);
    const staying = await cliExit(['consistency', '--json'], MONTH_SECONDS + 3 * 24 * 3600);
    expect(AuditOffice.brokenFor(read(staying.stdout), order.id)).toEqual(['archive.left']);

    await cliExit(['archive'], MONTH_SECONDS + 3 * 24 * 3600);
    expect(await office.stores.rows('orders', 'SELECT id FROM orders WHERE id = $1', [order.id])).toEqual([]);
    expect(AuditOffice.brokenFor(await office.report(), order.id)).toEqual([]);
    await office.plant(
      'orders',
      'UPDATE payments SET amount = amount + 1 WHERE id = $1',
      'UPDATE payments SET amount = amount - 1 WHERE id = $1',
      [order.paymentId],
    );
    expect(AuditOffice.brokenFor(await office.report(), order.id)).toContain('archive.total');
    await office.undo();
  }, 240_000);

  it('does not miss events of an order that was finished long ago, and then erased', async () => {
    const order = await office.buy();
    await office.deliver(order);
    await office.settled([order]);
    await office.remove('orders', 'outbox', 'order_id = $1', [order.id]);
    const shifted = (by: string) =>
      `UPDATE orders SET created_at = created_at ${by}, completed_at = completed_at ${by}, updated_at = shop_now() WHERE id = $1`;
    await office.plant('orders', shifted("- interval '20 days'"), shifted("+ interval '20 days'"), [order.id]);
    expect(AuditOffice.brokenFor(await office.report(), order.id)).not.toContain('order.event');
    await office.undo();
  }, 120_000);

  it('prints what it found for people, and its exit code says whether it did', async () => {
    const order = await office.buy();
    await office.settled([order]);
    await office.plant(
      'products',
      'UPDATE inventory SET reserved_quantity = reserved_quantity + 1 WHERE product_id = $1',
      'UPDATE inventory SET reserved_quantity = reserved_quantity - 1 WHERE product_id = $1',
      [order.productId],
    );
    const found = await cliExit(['consistency']);
    expect(found.code).toBe(1);
    expect(found.stdout).toContain(`stock.reserved: product ${order.productId}: 1 are reserved`);
    const repaired = await cliExit(['consistency', '--repair']);
    expect(repaired.stdout).toContain(`repaired stock.reserved (${order.productId})`);
    const { reserved_quantity: reserved } = await office.stores.row<{ reserved_quantity: number }>(
      'products',
      'SELECT reserved_quantity FROM inventory WHERE product_id = $1',
      [order.productId],
    );
    expect(reserved).toBe(0);
    expect(await cliExit(['consistency', '--settled-for', 'soon'])).toMatchObject({ code: 1, stdout: '' });
  }, 120_000);

  it('skips what needs MongoDB or the provider while they are down, with the reason', async () => {
    await stackCommand('stop', 'mongo');
    await stackCommand('stop', 'provider');
    const report = await office.report(120);
    const reasonOf = (check: string) => report.skipped.find((skipped) => skipped.check === check)?.because;
    expect(reasonOf('placements')).toBe('mongo does not answer');
    expect(reasonOf('archive')).toBe('mongo does not answer');
    expect(reasonOf('events.history.orders')).toBe('mongo does not answer');
    expect(reasonOf('charges')).toBe('payment-provider does not answer');
    expect(reasonOf('orders')).toBeUndefined();
    expect(report.checked['orders']).toBeGreaterThan(0);
    expect(report.checked['placements']).toBeUndefined();
    const { code, stdout } = await cliExit(['consistency', '--json']);
    expect(read(stdout).skipped.length).toBeGreaterThan(0);
    expect(code).toBe(read(stdout).breaches.length > 0 ? 1 : 2);

    await stackCommand('start', 'mongo');
    await stackCommand('start', 'provider');
    await eventually(
      'everything to be looked at again',
      async () => (await office.report(120)).skipped.length === 0,
      60_000,
    );
  }, 180_000);
});
