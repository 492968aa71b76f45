import { readCharge } from '../../../src/payments/provider-charge.reader';
import { eventually } from '../../support/eventually';
import { PaymentDesk } from './payment-desk';
import { answer } from './scripted-provider';

/** What the provider's every answer makes of a payment and its order. */
describe('charging', () => {
  let desk: PaymentDesk;
  beforeAll(async () => {
    desk = await PaymentDesk.open();
  });
  beforeEach(() => desk.provider.forget());
  afterAll(() => desk.close());

  it('charges, confirms, and keeps the attempt', async () => {
    desk.provider.onCharge = ({ key }, response) => answer(response, 201, desk.charge(key));
    const { id, paymentId } = await desk.order();
    desk.worker.wake();
    await desk.paymentToBe(paymentId, 'succeeded');
    expect(await desk.orderStatus(id)).toBe('confirmed');
    expect(await desk.events(id)).toEqual(['payment.succeeded', 'order.confirmed']);
    const attempts = () =>
      desk.rows<{ kind: string; outcome: string }>('SELECT kind, outcome FROM payment_attempts WHERE payment_id = $1', [
        paymentId,
      ]);
    await eventually('the attempt to be over', async () => (await attempts())[0]?.outcome === 'succeeded');
    expect(await attempts()).toEqual([{ kind: 'charge', outcome: 'succeeded' }]);
  });

  it.each([
    ['400 with a code', 400, { code: 'invalid_field' }, 'invalid_field'],
    ['422 without', 422, {}, 'provider_rejected'],
  ])('takes %s as a no', async (_what, status, body, failureCode) => {
    desk.provider.onCharge = (_call, response) => answer(response, status, body);
    const { id, paymentId } = await desk.order();
    desk.worker.wake();
    expect(await desk.paymentToBe(paymentId, 'failed')).toMatchObject({ failure_code: failureCode });
    expect(await desk.orderStatus(id)).toBe('cancelled');
    expect(desk.provider.told('POST', paymentId)).toBe(1);
  });

  it.each([408, 409, 425, 429, 500, 503])('asks and tries again after %i', async (status) => {
    desk.provider.onCharge = ({ key }, response) =>
      desk.provider.told('POST', key) === 1 ? answer(response, status, {}) : answer(response, 201, desk.charge(key));
    const { paymentId } = await desk.order();
    desk.worker.wake();
    expect(await desk.paymentToBe(paymentId, 'succeeded')).toMatchObject({ answered: true });
    expect(desk.provider.calls.filter(({ key }) => key === paymentId).map(({ method }) => method)).toEqual([
      'POST',
      'GET',
      'POST',
    ]);
  });

  it('does not charge again for a charge whose status it does not know', async () => {
    desk.provider.onCharge = (_call, response) => answer(response, 503, {});
    const { paymentId } = await desk.order();
    desk.provider.charges = [desk.charge(paymentId, { status: 'pending' })];
    desk.worker.wake();
    await eventually('it to be asked twice', async () => desk.provider.told('GET', paymentId) >= 2);
    expect(desk.provider.told('POST', paymentId)).toBe(1);
    desk.provider.charges = [desk.charge(paymentId)];
    await desk.paymentToBe(paymentId, 'succeeded');
  });

  it('sends no goods for a charge that was given back before it was known here', async () => {
    desk.provider.onCharge = (_call, response) => answer(response, 503, {});
    const { id, paymentId } = await desk.order();
    const charge = desk.charge(paymentId, { status: 'partially_refunded' });
    const refund = { id: 're_by_hand', idempotencyKey: 'by-hand', amount: '1.00' };
    desk.provider.charges = [{ ...charge, refunds: [refund] }];
    desk.worker.wake();
    await desk.paymentToBe(paymentId, 'succeeded');
    expect(await desk.orderStatus(id)).toBe('cancelled');
    const refunds = await desk.rows<{ amount: string; left: string }>(
      `SELECT refunds.amount, payments.amount - 1 AS left FROM refunds JOIN payments ON payments.id = payment_id
       WHERE payment_id = $1`,
      [paymentId],
    );
    expect(refunds).toHaveLength(1);
    expect(refunds[0]?.amount).toBe(refunds[0]?.left);
  });

  describe('of an order that has ended', () => {
    it('voids what was never tried, without a call', async () => {
      const { id, paymentId } = await desk.order({ status: 'cancelled' });
      desk.worker.wake();
      expect(await desk.paymentToBe(paymentId, 'voided')).toMatchObject({ failure_code: 'voided' });
      expect(await desk.events(id)).toEqual(['payment.failed']);
      expect(desk.provider.calls).toEqual([]);
    });

    it('only asks about what was tried; not charged: failed', async () => {
      const { id, paymentId } = await desk.order({ status: 'cancelled', payment: 'unknown' });
      desk.worker.wake();
      expect(await desk.paymentToBe(paymentId, 'failed')).toMatchObject({ failure_code: 'voided' });
      expect(await desk.events(id)).toEqual(['payment.failed']);
      expect(desk.provider.told('POST', paymentId)).toBe(0);
      expect(desk.provider.told('GET', paymentId)).toBe(1);
    });

    it('gives back what was charged', async () => {
      const { id, paymentId } = await desk.order({ status: 'cancelled', payment: 'unknown' });
      desk.provider.charges = [desk.charge(paymentId)];
      desk.provider.onRefund = (_call, response) => answer(response, 201, { id: 're_1' });
      desk.worker.wake();
      expect(await desk.paymentToBe(paymentId, 'refunded')).toMatchObject({ refunded_amount: '19.99' });
      expect(await desk.events(id)).toEqual(['payment.succeeded', 'payment.refunded']);
    });

    it('gives it back for an order that left for the archive as well, and after it was given up', async () => {
      const { id, paymentId } = await desk.order({ status: 'cancelled', payment: 'failed' });
      await desk.rows('DELETE FROM orders WHERE id = $1', [id]);
      desk.provider.onRefund = (_call, response) => answer(response, 201, { id: 're_1' });
      const charge = readCharge(desk.charge(paymentId));
      if (!charge) throw new Error('the charge was not read');
      await desk.service.settle(charge);
      await desk.service.settle(charge);
      await desk.paymentToBe(paymentId, 'refunded');
    });
  });

  it.each([
    ['less', { amount: '5.00' }, 'partially_refunded', '5.00'],
    ['more', { amount: '25.00' }, 'refunded', '19.99'],
    ['another currency', { currency: 'EUR' }, 'refunded', '19.99'],
  ])(
    'ends the order when %s was charged than was asked for, and gives it back',
    async (_what, fields, status, back) => {
      desk.provider.onCharge = ({ key }, response) => answer(response, 201, desk.charge(key, fields));
      desk.provider.onRefund = (_call, response) => answer(response, 201, { id: 're_1' });
      const { id, paymentId } = await desk.order();
      desk.worker.wake();
      expect(await desk.paymentToBe(paymentId, status)).toMatchObject({ refunded_amount: back });
      expect(await desk.orderStatus(id)).toBe('cancelled');
      // The listener hears of the cancelled order, and leaves the refund at that.
      await desk.service.undo({ id: paymentId, orderId: id });
      expect(await desk.rows('SELECT status FROM refunds WHERE payment_id = $1', [paymentId])).toEqual([
        { status: 'succeeded' },
      ]);
    },
  );

  it('asks before it sends a refund again, and knows its own', async () => {
    const { paymentId } = await desk.order({ status: 'cancelled', payment: 'unknown' });
    const charge = desk.charge(paymentId);
    desk.provider.charges = [charge];
    // Refunded, and the answer is lost.
    desk.provider.onRefund = ({ key }) => {
      desk.provider.charges = [{ ...charge, refunds: [{ id: 're_lost', amount: '19.99', idempotencyKey: key }] }];
    };
    desk.worker.wake();
    await desk.paymentToBe(paymentId, 'refunded');
    const refunds = await desk.rows<{ id: string; provider_refund_id: string }>(
      'SELECT id, provider_refund_id FROM refunds WHERE payment_id = $1',
      [paymentId],
    );
    expect(refunds.map((refund) => refund.provider_refund_id)).toEqual(['re_lost']);
    expect(desk.provider.told('POST', refunds[0]?.id ?? '')).toBe(1);
  });

  it('sends a refund again that was refused for now, and gives up one that never will be', async () => {
    const again = await desk.order({ status: 'cancelled', payment: 'unknown' });
    desk.provider.charges = [desk.charge(again.paymentId)];
    desk.provider.onRefund = ({ key }, response) =>
      desk.provider.told('POST', key) === 1 ? answer(response, 429, {}) : answer(response, 201, { id: 're_1' });
    desk.worker.wake();
    await desk.paymentToBe(again.paymentId, 'refunded');
    const never = await desk.order({ status: 'cancelled', payment: 'unknown' });
    desk.provider.charges = [desk.charge(never.paymentId)];
    desk.provider.onRefund = (_call, response) => answer(response, 422, { code: 'refund_exceeds_charge' });
    desk.worker.wake();
    const [refund] = await eventually('the refund to fail', async () => {
      const rows = await desk.rows<{ status: string; last_error: string }>(
        `SELECT status, last_error FROM refunds WHERE payment_id = $1 AND status = 'failed'`,
        [never.paymentId],
      );
      return rows.length > 0 && rows;
    });
    expect(refund?.last_error).toBe('422 refund_exceeds_charge');
  });

  describe('undecided for long', () => {
    it('cancels pending orders only, and then nothing is charged any more', async () => {
      desk.provider.onCharge = (_call, response) => answer(response, 503, {});
      const { id, paymentId } = await desk.order();
      // Ended orders whose payments still wait come first by time; they are no work.
      const ended = await desk.order({ status: 'cancelled' });
      await desk.rows(
        `UPDATE payments SET status = 'unknown', next_try_at = now() + interval '1 hour',
           first_answered_at = now() - CASE id WHEN $1 THEN interval '31 minutes' ELSE interval '1 day' END
         WHERE id = ANY(ARRAY[$1, $2]::uuid[])`,
        [paymentId, ended.paymentId],
      );
      expect(await desk.service.cancelUnpaid(30)).toBe(1);
      expect(await desk.service.cancelUnpaid(30)).toBe(0);
      expect(await desk.orderStatus(id)).toBe('cancelled');
      const before = desk.provider.told('POST', paymentId);
      await desk.rows('UPDATE payments SET next_try_at = now() WHERE id = $1', [paymentId]);
      desk.worker.wake();
      await desk.paymentToBe(paymentId, 'failed');
      expect(desk.provider.told('POST', paymentId)).toBe(before);
    });

    it('counts "not found" as an answer once the key may be forgotten', async () => {
      const { paymentId } = await desk.order({ payment: 'unknown' });
      await desk.rows(`UPDATE payments SET first_tried_at = now() - interval '24 hours' WHERE id = $1`, [paymentId]);
      desk.worker.wake();
      await eventually('an answer', async () => (await desk.payment(paymentId)).answered);
      expect(desk.provider.told('POST', paymentId)).toBe(0);
    });
  });

  it('refuses an order of nothing', () => {
    const totals = { subtotal: 0, discount: 0, shipping: 0, tax: 0, total: 0, currency: 'USD' };
    const wish = { orderId: 'o', userId: 'u', provider: 'sandbox', token: 'tok_ok', totals };
    expect(() => desk.service.prepare(wish)).toThrow('payment.nothing_to_pay');
  });
});
