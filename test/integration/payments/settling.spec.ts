import { readCharge, type ProviderCharge } from '../../../src/payments/provider-charge.reader';
import type { SettlementService } from '../../../src/payments/settlement.service';
import { PaymentDesk } from './payment-desk';
import type { BookedCharge } from './scripted-provider';

type Try = Parameters<SettlementService['settle']>[0];

interface Bought {
  id: string;
  paymentId: string;
  attempt: string;
}

/** Charges that come back at about the same time: one transaction, and nobody's fate is another's. */
describe('charges settled together', () => {
  let desk: PaymentDesk;
  beforeAll(async () => {
    desk = await PaymentDesk.open();
    // What the worker does is done here by hand.
    await desk.worker.work.stop();
  });
  afterAll(() => desk.close());

  /** A payment as it is while the provider is called. */
  async function charging(): Promise<Bought> {
    const order = await desk.order({ payment: 'charging' });
    const [attempt] = await desk.rows<{ id: string }>(
      `INSERT INTO payment_attempts (payment_id, kind) VALUES ($1, 'charge') RETURNING id`,
      [order.paymentId],
    );
    return { ...order, attempt: attempt?.id ?? '' };
  }
  const several = (count: number) => Promise.all(Array.from({ length: count }, charging));

  function chargeOf({ paymentId }: Bought, fields: Partial<BookedCharge> = {}): ProviderCharge {
    const charge = readCharge(desk.charge(paymentId, fields));
    if (!charge) throw new Error('the charge was not read');
    return charge;
  }

  function answered(bought: Bought, fields: Partial<BookedCharge> = {}): Try {
    const charge = chargeOf(bought, fields);
    return {
      payment: { id: bought.paymentId, orderId: bought.id, amount: 1999, currency: 'USD' },
      charge,
      attempt: { id: bought.attempt, outcome: charge.succeeded ? 'succeeded' : 'failed', detail: null },
    };
  }

  /** By how many transactions these payments became what they are. */
  async function transactionsOf(bought: readonly Bought[]): Promise<number> {
    const rows = await desk.rows<{ xmin: string }>(
      `SELECT DISTINCT xmin::text AS xmin FROM payments WHERE id = ANY($1::uuid[])`,
      [bought.map(({ paymentId }) => paymentId)],
    );
    return rows.length;
  }

  const outcomeOf = async (bought: Bought) => ({
    order: await desk.orderStatus(bought.id),
    payment: (await desk.payment(bought.paymentId)).status,
    events: await desk.events(bought.id),
    attempt: (
      await desk.rows<{ outcome: string }>('SELECT outcome FROM payment_attempts WHERE id = $1', [bought.attempt])
    )[0]?.outcome,
  });
  const PAID = {
    order: 'confirmed',
    payment: 'succeeded',
    events: ['payment.succeeded', 'order.confirmed'],
    attempt: 'succeeded',
  };

  it('are each what they would be by themselves', async () => {
    const settlement = await desk.settlement();
    const good = await several(5);
    const [declined, cancelled, known, otherwise] = await several(4);
    if (!declined || !cancelled || !known || !otherwise) throw new Error('not bought');
    await desk.rows(`UPDATE orders SET status = 'cancelled', cancel_reason = 'customer' WHERE id = $1`, [cancelled.id]);
    // Its webhook came before the answer.
    await desk.service.settle(chargeOf(known));

    await Promise.all([
      ...good.map((bought) => settlement.settle(answered(bought))),
      settlement.settle(answered(declined, { status: 'failed' })),
      settlement.settle(answered(cancelled)),
      settlement.settle(answered(known)),
      settlement.settle(answered(otherwise, { amount: '25.00' })),
    ]);

    for (const bought of [...good, known]) expect(await outcomeOf(bought)).toEqual(PAID);
    expect(await transactionsOf(good)).toBe(1);
    const undone = { order: 'cancelled', payment: 'failed', events: ['payment.failed', 'order.cancelled'] };
    expect(await outcomeOf(declined)).toEqual({ ...undone, attempt: 'failed' });
    const paidInVain = { ...PAID, order: 'cancelled', events: ['payment.succeeded'] };
    expect(await outcomeOf(cancelled)).toEqual(paidInVain);
    expect(await outcomeOf(otherwise)).toEqual({ ...paidInVain, events: ['payment.succeeded', 'order.cancelled'] });
    const refunds = await desk.rows('SELECT payment_id AS id FROM refunds WHERE payment_id = ANY($1::uuid[])', [
      [...good, known, cancelled, otherwise].map(({ paymentId }) => paymentId),
    ]);
    expect(refunds).toHaveLength(2);
    expect(refunds).toEqual(expect.arrayContaining([{ id: cancelled.paymentId }, { id: otherwise.paymentId }]));
  });

  it('go on each in its own trace, and name their own payment as the cause', async () => {
    const settlement = await desk.settlement();
    const [first, second] = await several(2);
    if (!first || !second) throw new Error('not bought');
    const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
    await desk.rows('UPDATE payments SET traceparent = $2 WHERE id = $1', [second.paymentId, traceparent]);
    await Promise.all([first, second].map((bought) => settlement.settle(answered(bought))));
    expect(await transactionsOf([first, second])).toBe(1);
    const told = await desk.rows(
      'SELECT type, causation_id, traceparent FROM outbox WHERE order_id = $1 ORDER BY position',
      [second.id],
    );
    expect(told).toEqual(PAID.events.map((type) => ({ type, causation_id: second.paymentId, traceparent })));
  });

  it('do not fail by one that cannot be kept', async () => {
    const settlement = await desk.settlement();
    const good = await several(4);
    const [odd] = await several(1);
    if (!odd) throw new Error('not bought');
    const countedBefore = desk.moved.get('confirmed') ?? 0;
    const outcomes = await Promise.allSettled([
      settlement.settle(answered(odd, { id: `ch_${'x'.repeat(100)}` })),
      ...good.map((bought) => settlement.settle(answered(bought))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', ...good.map(() => 'fulfilled')]);
    for (const bought of good) expect(await outcomeOf(bought)).toEqual(PAID);
    // What was not kept is not counted either.
    expect((desk.moved.get('confirmed') ?? 0) - countedBefore).toBe(good.length);
    expect(await outcomeOf(odd)).toMatchObject({ order: 'pending', payment: 'charging', events: [] });
  });

  it.each(['orders', 'payments'] as const)('do not wait for one whose row in %s somebody holds', async (table) => {
    const settlement = await desk.settlement();
    const [held, ...free] = await several(3);
    if (!held) throw new Error('not bought');
    const waits = await desk.holding(table, table === 'orders' ? held.id : held.paymentId, async () => {
      const waiting = settlement.settle(answered(held));
      await Promise.all(free.map((bought) => settlement.settle(answered(bought))));
      for (const bought of free) expect(await outcomeOf(bought)).toEqual(PAID);
      expect(await transactionsOf(free)).toBe(1);
      expect(await outcomeOf(held)).toMatchObject({ order: 'pending', payment: 'charging' });
      return { waiting };
    });
    await waits.waiting;
    expect(await outcomeOf(held)).toEqual(PAID);
  });

  it('are not settled together where a charge is of another payment than was tried', async () => {
    const settlement = await desk.settlement();
    const [tried, charged] = await several(2);
    if (!tried || !charged) throw new Error('not bought');
    await settlement.settle({ ...answered(tried), charge: chargeOf(charged), attempt: null });
    expect(await outcomeOf(tried)).toMatchObject({ order: 'pending', payment: 'charging', events: [] });
    expect(await outcomeOf(charged)).toMatchObject({ order: 'confirmed', payment: 'succeeded' });
  });

  it('count once when a payment is among them twice', async () => {
    const settlement = await desk.settlement();
    const [bought] = await several(1);
    if (!bought) throw new Error('not bought');
    await Promise.all([settlement.settle(answered(bought)), settlement.settle(answered(bought))]);
    expect(await outcomeOf(bought)).toEqual(PAID);
  });

  it('by two workers and by webhooks at once are settled once', async () => {
    const [one, other] = [await desk.settlement(), await desk.settlement()];
    const bought = await several(24);
    await Promise.all([
      ...bought.map((each) => one.settle(answered(each))),
      ...[...bought].reverse().map((each) => other.settle(answered(each))),
      ...bought.slice(8, 16).map((each) => desk.service.settle(chargeOf(each))),
    ]);
    for (const each of bought) expect(await outcomeOf(each)).toEqual(PAID);
  });
});
