import { randomUUID } from 'node:crypto';
import { PaymentDesk } from './payment-desk';

/** Money is given back because an order was cancelled, never because someone says so. */
describe('undoing', () => {
  let desk: PaymentDesk;
  beforeAll(async () => {
    desk = await PaymentDesk.open();
  });
  afterAll(() => desk.close());

  const refundsOf = (paymentId: string) =>
    desk.rows<{ amount: string; cause: string }>(
      'SELECT amount, cause FROM refunds WHERE payment_id = $1 ORDER BY cause',
      [paymentId],
    );

  it.each(['pending', 'confirmed', 'processing', 'shipped', 'delivered'])(
    'leaves a paid order that is %s alone, whatever the event says',
    async (status) => {
      const refused = desk.meter('payment_undos_refused_total');
      const { id, paymentId } = await desk.order({ status, payment: 'succeeded' });
      await desk.service.undo({ id: randomUUID(), orderId: id });
      expect(await refundsOf(paymentId)).toEqual([]);
      expect(await desk.payment(paymentId)).toMatchObject({ status: 'succeeded' });
      expect(desk.meter('payment_undos_refused_total')).toBe(refused + 1);
    },
  );

  it('does not void what an order still waits for', async () => {
    desk.provider.onCharge = () => undefined;
    const { id, paymentId } = await desk.order();
    await desk.service.undo({ id: randomUUID(), orderId: id });
    expect((await desk.payment(paymentId)).status).not.toBe('voided');
  });

  it('believes no event about a paid order that is nowhere', async () => {
    const { id, paymentId } = await desk.order({ status: 'cancelled', payment: 'succeeded' });
    await desk.rows('DELETE FROM orders WHERE id = $1', [id]);
    await desk.service.undo({ id: randomUUID(), orderId: id });
    expect(await refundsOf(paymentId)).toEqual([]);
  });

  it('happens once, told twice, out of order, or by several events at once', async () => {
    const { id, paymentId } = await desk.order({ status: 'confirmed', payment: 'succeeded' });
    const early = randomUUID();
    // Overtook the change it tells of: it changes nothing, and the true one still does.
    await desk.service.undo({ id: early, orderId: id });
    await desk.rows(`UPDATE orders SET status = 'cancelled', cancel_reason = 'customer' WHERE id = $1`, [id]);
    const event = { id: randomUUID(), orderId: id };
    const again = { id: randomUUID(), orderId: id };
    await Promise.all([event, event, again].map((told) => desk.service.undo(told)));
    expect(await refundsOf(paymentId)).toEqual([{ amount: '19.99', cause: 'order_cancelled' }]);
  });

  it('gives back what staff has left of it', async () => {
    const { id, paymentId } = await desk.order({ status: 'cancelled', payment: 'partially_refunded' });
    await desk.rows(`UPDATE payments SET refunded_amount = 5 WHERE id = $1`, [paymentId]);
    await desk.rows(
      `INSERT INTO refunds (id, payment_id, cause, amount, reason, status)
       VALUES ($1, $2, 'staff:1', 5, 'broken', 'succeeded')`,
      [randomUUID(), paymentId],
    );
    await desk.service.undo({ id: randomUUID(), orderId: id });
    expect(await refundsOf(paymentId)).toEqual([
      { amount: '14.99', cause: 'order_cancelled' },
      { amount: '5.00', cause: 'staff:1' },
    ]);
  });
});
