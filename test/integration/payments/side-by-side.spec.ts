import { setTimeout as sleep } from 'node:timers/promises';
import { readCharge } from '../../../src/payments/provider-charge.reader';
import { eventually } from '../../support/eventually';
import { PaymentDesk } from './payment-desk';
import { answer } from './scripted-provider';

/** Long beside what the rest takes, also on a busy machine; the worker looks for more to do meanwhile. */
const ANSWERS_AFTER_MS = 2_500;

/** The provider takes its time: that holds up neither the shop nor the database, and whoever dies over it is replaced. */
describe('charges side by side', () => {
  let desk: PaymentDesk;
  beforeAll(async () => {
    desk = await PaymentDesk.open({ timeoutMs: 10_000 });
  });
  beforeEach(() => desk.provider.forget());
  afterAll(() => desk.close());

  const attemptsOf = (paymentId: string) =>
    desk.rows<{ kind: string; outcome: string }>(
      'SELECT kind, outcome FROM payment_attempts WHERE payment_id = $1 ORDER BY id',
      [paymentId],
    );

  it('take far less than one after the other, each recorded before the provider hears of it', async () => {
    const unrecorded: string[] = [];
    const locked: string[] = [];
    let atOnce = 0;
    let most = 0;
    desk.provider.onCharge = ({ key }, response) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      void (async () => {
        if ((await attemptsOf(key)).length === 0) unrecorded.push(key);
        // Fails at once if a transaction still holds the row.
        await desk.rows('SELECT id FROM payments WHERE id = $1 FOR UPDATE NOWAIT', [key]).catch(() => locked.push(key));
        await sleep(ANSWERS_AFTER_MS);
        atOnce -= 1;
        answer(response, 201, desk.charge(key));
      })();
    };
    const orders = await Promise.all(Array.from({ length: 20 }, () => desk.order()));
    const started = Date.now();
    desk.worker.wake();
    for (const { paymentId } of orders) await desk.paymentToBe(paymentId, 'succeeded', 30_000);
    expect(Date.now() - started).toBeLessThan((orders.length * ANSWERS_AFTER_MS) / 2);
    expect(most).toBeGreaterThan(8);
    expect(unrecorded).toEqual([]);
    expect(locked).toEqual([]);
    expect(orders.filter(({ paymentId }) => desk.provider.told('POST', paymentId) !== 1)).toEqual([]);
  }, 60_000);

  it('left behind by a killed worker are asked about, never charged again', async () => {
    const { id, paymentId } = await desk.order({ payment: 'charging' });
    // As the dead one left it: leased, and its attempt without an end.
    await desk.rows(`UPDATE payments SET next_try_at = now() + interval '1 second', tries = 1, first_tried_at = now()
                     WHERE id = '${paymentId}'`);
    await desk.rows(`INSERT INTO payment_attempts (payment_id, kind) VALUES ($1, 'charge')`, [paymentId]);
    desk.provider.charges = [desk.charge(paymentId)];
    desk.worker.wake();
    await desk.paymentToBe(paymentId, 'succeeded');
    expect(await desk.orderStatus(id)).toBe('confirmed');
    expect(desk.provider.told('POST', paymentId)).toBe(0);
    await eventually('the lookup to be over', async () => (await attemptsOf(paymentId))[1]?.outcome === 'found');
    expect((await attemptsOf(paymentId))[0]).toEqual({ kind: 'charge', outcome: 'started' });
  });

  it('that land after the provider said "not found" are neither made twice nor kept for nothing', async () => {
    // Not found, so it is sent again under the same key; the provider knows the key by then.
    desk.provider.onCharge = ({ key }, response) => {
      desk.provider.charges = [desk.charge(key)];
      answer(response, 201, desk.charge(key));
    };
    const wanted = await desk.order({ payment: 'unknown' });
    desk.worker.wake();
    await desk.paymentToBe(wanted.paymentId, 'succeeded');
    expect(desk.provider.charges).toHaveLength(1);
    // Not found, and the order has ended: given up. Then it lands all the same.
    desk.provider.charges = [];
    desk.provider.onRefund = (_call, response) => answer(response, 201, { id: 're_late' });
    const ended = await desk.order({ status: 'cancelled', payment: 'unknown' });
    desk.worker.wake();
    await desk.paymentToBe(ended.paymentId, 'failed');
    const landed = readCharge(desk.charge(ended.paymentId));
    if (!landed) throw new Error('the charge was not read');
    await desk.service.settle(landed);
    await desk.paymentToBe(ended.paymentId, 'refunded');
  });

  it('keep each try of a refund, with its failure', async () => {
    const { paymentId } = await desk.order({ status: 'cancelled', payment: 'unknown' });
    desk.provider.charges = [desk.charge(paymentId)];
    desk.provider.onRefund = ({ key }, response) =>
      desk.provider.told('POST', key) === 1 ? answer(response, 429, {}) : answer(response, 201, { id: 're_1' });
    desk.worker.wake();
    await desk.paymentToBe(paymentId, 'refunded');
    const tries = () =>
      desk.rows<{ outcome: string; detail: string }>(
        `SELECT outcome, detail FROM payment_attempts
         WHERE kind = 'refund' AND refund_id IN (SELECT id FROM refunds WHERE payment_id = $1) ORDER BY id`,
        [paymentId],
      );
    await eventually('the second try to be over', async () => (await tries())[1]?.outcome === 'refunded');
    expect(await tries()).toEqual([
      { outcome: 'unknown', detail: '429' },
      { outcome: 'refunded', detail: 're_1' },
    ]);
  });
});
