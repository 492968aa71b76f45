import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually';
import { PaymentDesk } from './payment-desk';
import { answer } from './scripted-provider';

const CLOSED = 0;
const OPEN = 2;

/** A provider that is down is left alone, costs nobody anything, and is noticed when it is back. */
describe('the circuit before the provider', () => {
  let desk: PaymentDesk;
  beforeAll(async () => {
    desk = await PaymentDesk.open();
  });
  beforeEach(() => {
    desk.provider.forget();
    desk.provider.onCharge = ({ key }, response) => {
      desk.provider.charges.push(desk.charge(key));
      answer(response, 201, desk.charge(key));
    };
  });
  afterAll(() => desk.close());

  const attempts = async () =>
    (await desk.rows<{ n: number }>('SELECT count(*)::int AS n FROM payment_attempts'))[0]?.n;
  const circuitToBe = (state: number, withinMs?: number) =>
    eventually(`circuit ${state}`, () => Promise.resolve(desk.meter('payment_circuit_state') === state), withinMs);
  const place = (count: number) => Promise.all(Array.from({ length: count }, () => desk.order()));

  it('opens when nobody answers; then nothing is tried, orders wait, and each is charged once when it is back', async () => {
    const opens = desk.meter('payment_circuit_opens_total');
    desk.provider.close();
    const orders = await place(4);
    desk.worker.wake();
    await circuitToBe(OPEN);
    expect(desk.meter('payment_circuit_opens_total')).toBe(opens + 1);
    await desk.worker.settled();
    const before = await attempts();
    orders.push(...(await place(20)));
    // Time enough for a probe, and for the retries of what was tried already.
    await eventually('a probe to fail', () => Promise.resolve(desk.meter('payment_circuit_opens_total') > opens + 1));
    expect(await attempts()).toBe(before);
    for (const { id } of orders) expect(await desk.orderStatus(id)).toBe('pending');

    await desk.provider.open();
    await circuitToBe(CLOSED);
    for (const { paymentId } of orders) await desk.paymentToBe(paymentId, 'succeeded', 20_000);
    for (const { id, paymentId } of orders) {
      expect(await desk.orderStatus(id)).toBe('confirmed');
      expect(desk.provider.charges.filter(({ idempotencyKey }) => idempotencyKey === paymentId)).toHaveLength(1);
    }
  }, 60_000);

  it('opens for 5xx, and keeps refunds back as well', async () => {
    desk.provider.onCharge = (_call, response) => answer(response, 503, {});
    desk.provider.onLookup = (_call, response) => answer(response, 500, {});
    const orders = await place(6);
    desk.worker.wake();
    await circuitToBe(OPEN);
    const paid = await desk.order({ status: 'cancelled', payment: 'succeeded' });
    await desk.rows(`UPDATE payments SET charge_id = 'ch_' || id WHERE id = $1`, [paid.paymentId]);
    await desk.service.undo({ id: randomUUID(), orderId: paid.id });
    const opens = desk.meter('payment_circuit_opens_total');
    await eventually('a probe to fail', () => Promise.resolve(desk.meter('payment_circuit_opens_total') > opens));
    const tries = await desk.rows('SELECT id FROM payment_attempts WHERE payment_id = $1', [paid.paymentId]);
    expect(tries).toEqual([]);

    desk.provider.onLookup = null;
    desk.provider.onCharge = ({ key }, response) => answer(response, 201, desk.charge(key));
    desk.provider.onRefund = (_call, response) => answer(response, 201, { id: 're_1' });
    await circuitToBe(CLOSED);
    for (const { paymentId } of orders) await desk.paymentToBe(paymentId, 'succeeded', 20_000);
    await desk.paymentToBe(paid.paymentId, 'refunded', 20_000);
  }, 60_000);

  it('stays closed for declines, and for a charge about which the provider is silent', async () => {
    const opens = desk.meter('payment_circuit_opens_total');
    // The first customers' charges are never answered, though made, on a quiet day; the others' are declined.
    const silent = new Set((await place(18)).map(({ paymentId }) => paymentId));
    desk.provider.onCharge = ({ key }, response) => {
      const status = silent.has(key) ? 'succeeded' : 'failed';
      desk.provider.charges.push(desk.charge(key, { status }));
      if (!silent.has(key)) answer(response, 201, desk.charge(key, { status }));
    };
    desk.worker.wake();
    for (const paymentId of silent) await desk.paymentToBe(paymentId, 'succeeded');
    const declined = await place(18);
    desk.worker.wake();
    for (const { paymentId } of declined) await desk.paymentToBe(paymentId, 'failed');
    expect(desk.meter('payment_circuit_opens_total')).toBe(opens);
  }, 30_000);
});
