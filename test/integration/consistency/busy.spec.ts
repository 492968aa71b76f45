import { AuditOffice, idsOf, type BoughtOrder, type Report } from './audit-office';

const TOKENS = ['tok_ok', 'tok_slow', '', 'tok_declined', 'tok_flaky', ''];
const BUYERS = 4;
const ORDERS_EACH = 6;

/** A shop at work is no breach: not while orders are on their way, and not once they have arrived. */
describe('a busy shop', () => {
  let office: AuditOffice;
  const orders: BoughtOrder[] = [];
  const reports: Report[] = [];

  const buyer = async (productId: string): Promise<void> => {
    const customer = await office.shop.customer();
    const address = await customer.address();
    for (let i = 0; i < ORDERS_EACH; i += 1) {
      await customer.addToCart(productId);
      const checkout = await customer.checkout(address);
      // Some think better of it, before or after they have bought.
      if (i % 3 === 2) await customer.send('DELETE', `/v1/checkouts/${checkout.id}`);
      else {
        const { id } = await customer.order(checkout.id, TOKENS[i]);
        if (i % 3 === 1) await customer.send('POST', `/v1/orders/${id}/cancel`);
        const { payment_id: paymentId } = await office.stores.row<{ payment_id: string }>(
          'orders',
          'SELECT payment_id FROM orders WHERE id = $1',
          [id],
        );
        orders.push({ id, productId, checkoutId: checkout.id, paymentId, customer });
      }
    }
  };

  beforeAll(async () => {
    office = await AuditOffice.open();
    const product = await office.shop.product(1000);
    const buyers = Array.from({ length: BUYERS }, () => buyer(product.id));
    const buying = new Set(buyers);
    for (const purchases of buyers) {
      const ended = () => void buying.delete(purchases);
      void purchases.then(ended, ended);
    }
    while (buying.size > 0) reports.push(await office.report(120));
    await Promise.all(buyers);
  }, 240_000);

  afterAll(() => office.close());

  it('is looked at while it works, and nothing is found', () => {
    expect(reports.length).toBeGreaterThan(0);
    const ids = orders.flatMap(idsOf);
    expect(reports.flatMap((report) => AuditOffice.brokenFor(report, ...ids))).toEqual([]);
    expect(reports.flatMap((report) => report.skipped)).toEqual([]);
  });

  it('has nothing left over once all has arrived', async () => {
    await office.settled(orders);
    expect(AuditOffice.brokenFor(await office.report(), ...orders.flatMap(idsOf))).toEqual([]);
  }, 240_000);
});
