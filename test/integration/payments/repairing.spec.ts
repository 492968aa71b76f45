import { PaymentDesk } from './payment-desk';

/** What the consistency check's repair calls: each decides under the locks of order and payment, and decides once. */
describe('repairing orders and payments', () => {
  let desk: PaymentDesk;

  beforeAll(async () => {
    desk = await PaymentDesk.open();
  }, 60_000);
  afterAll(() => desk.close());

  const refunds = (paymentId: string) =>
    desk.rows<{ cause: string; amount: string }>('SELECT cause, amount FROM refunds WHERE payment_id = $1', [
      paymentId,
    ]);
  const twiceAtOnce = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all([work(), work()]);

  it('confirms a pending order whose payment succeeded, once', async () => {
    const { id } = await desk.order({ payment: 'succeeded' });
    const answers = await twiceAtOnce(() => desk.repair.decideOrder(id));
    expect(answers.filter((answer) => answer !== null)).toEqual(['confirmed']);
    expect(await desk.events(id)).toEqual(['order.confirmed']);
    expect(await desk.repair.decideOrder(id)).toBeNull();
  });

  it.each(['failed', 'voided', 'refunded'])('cancels a pending order whose payment is %s, once', async (payment) => {
    const { id, paymentId } = await desk.order({ payment });
    const answers = await twiceAtOnce(() => desk.repair.decideOrder(id));
    expect(answers.filter((answer) => answer !== null)).toEqual(['cancelled']);
    expect(await desk.events(id)).toEqual(['order.cancelled']);
    expect(await refunds(paymentId)).toEqual([]);
  });

  it('cancels a pending order that was paid otherwise than agreed, and gives the money back', async () => {
    const { id, paymentId } = await desk.order({ payment: 'succeeded' });
    await desk.rows('UPDATE orders SET total_amount = total_amount + 1 WHERE id = $1', [id]);
    expect(await desk.repair.decideOrder(id)).toBe('cancelled');
    expect(await refunds(paymentId)).toEqual([{ cause: 'not_wanted', amount: '19.99' }]);
  });

  it.each([
    ['pending', 'charging'],
    ['pending', 'unknown'],
    ['shipped', 'succeeded'],
    ['cancelled', 'succeeded'],
  ])('leaves an order alone that is %s with a payment that is %s', async (status, payment) => {
    const { id, paymentId } = await desk.order({ status, payment });
    // No worker takes it up meanwhile.
    await desk.rows(`UPDATE payments SET next_try_at = shop_now() + interval '1 hour' WHERE id = $1`, [paymentId]);
    expect(await desk.repair.decideOrder(id)).toBeNull();
    expect(await desk.orderStatus(id)).toBe(status);
  });

  it('asks for the refund of a cancelled order once, of what is left', async () => {
    const { id, paymentId } = await desk.order({ status: 'cancelled', payment: 'succeeded' });
    await desk.rows(
      `INSERT INTO refunds (id, payment_id, cause, amount, reason, status)
       VALUES (gen_random_uuid(), $1, 'staff:1', 5, 'x', 'succeeded')`,
      [paymentId],
    );
    const answers = await twiceAtOnce(() => desk.repair.refundEnded(id));
    expect(answers.sort()).toEqual([false, true]);
    expect(await refunds(paymentId)).toContainEqual({ cause: 'order_cancelled', amount: '14.99' });
    expect(await desk.repair.refundEnded(id)).toBe(false);
  });

  it.each([
    ['shipped', 'succeeded'],
    ['cancelled', 'failed'],
    ['cancelled', 'refunded'],
  ])('asks for none when the order is %s and its payment %s', async (status, payment) => {
    const { id, paymentId } = await desk.order({ status, payment });
    expect(await desk.repair.refundEnded(id)).toBe(false);
    expect(await refunds(paymentId)).toEqual([]);
  });
});
