import { randomUUID } from 'node:crypto';
import { V7Generator } from 'uuidv7';
import { readCharge } from '../../../src/payments/provider-charge.reader';
import { eventually } from '../../support/eventually';
import { PaymentDesk } from './payment-desk';
import { answer, type BookedCharge } from './scripted-provider';

/** The same numbers each time: a run that fails can be looked at. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Our payments and the provider's books agree in the end, or people are told where they do not. */
describe('reconciliation', () => {
  let desk: PaymentDesk;
  beforeAll(async () => {
    desk = await PaymentDesk.open();
  });
  beforeEach(async () => {
    desk.provider.forget();
    desk.provider.onRefund = (_call, response) => answer(response, 429, {});
    // A worker that has rows of the last test in hand may be met.
    await eventually('empty tables', () =>
      desk.rows('TRUNCATE payments, payment_attempts, refunds').then(
        () => true,
        () => false,
      ),
    );
  });
  afterAll(() => desk.close());

  /** Tried by a server that is gone; no worker takes it before tomorrow. */
  async function left(fields: { status?: string; payment?: string } = {}) {
    const order = await desk.order({ payment: 'charging', ...fields });
    await desk.rows(`UPDATE payments SET next_try_at = now() + interval '1 day' WHERE id = $1`, [order.paymentId]);
    return order;
  }

  /** Paid, as we and the provider both know. */
  async function paid(fields: Partial<BookedCharge> = {}, status = 'succeeded') {
    const order = await left({ status: 'processing', payment: status });
    const charge = desk.charge(order.paymentId, fields);
    desk.provider.charges.push(charge);
    await desk.rows('UPDATE payments SET charge_id = $2 WHERE id = $1', [order.paymentId, charge.id]);
    return { ...order, charge };
  }

  async function refund(paymentId: string, status: string, amount = '5.00'): Promise<string> {
    const id = randomUUID();
    await desk.rows(
      `INSERT INTO refunds (id, payment_id, cause, amount, reason, status, next_try_at)
       VALUES ($1, $2, $3, $4, 'broken', $5, now() + interval '1 day')`,
      [id, paymentId, `staff:${id}`, amount, status],
    );
    return id;
  }

  const heal = () => desk.reconciliation.heal(new Date(Date.now() - 3 * 24 * 3600 * 1000));
  const kinds = async () => (await desk.reconciliation.compare(null)).cases.map(({ kind }) => kind);

  it.each([1, 2, 3])('finds all that messages lost, doubled and out of order have left behind (%i)', async (seed) => {
    const random = seeded(seed);
    const orders = await Promise.all(
      Array.from({ length: 30 }, (_, i) => left({ status: i % 5 === 0 ? 'cancelled' : 'pending' })),
    );
    const messages: BookedCharge[] = [];
    for (const { paymentId } of orders) {
      const charge = desk.charge(paymentId, { status: random() < 0.8 ? 'succeeded' : 'failed' });
      if (random() < 0.95) desk.provider.charges.push(charge);
      else continue;
      if (random() < 0.7) messages.push(charge);
      if (random() < 0.3) messages.push(charge);
    }
    messages.sort(() => random() - 0.5);
    for (const message of messages) {
      const charge = readCharge(message);
      if (charge) await desk.service.settle(charge);
    }

    // On several servers at once.
    await Promise.all([heal(), heal(), heal()]);

    const captured = desk.provider.charges.filter(({ status }) => status === 'succeeded');
    const taken = await desk.rows<{ id: string; order_id: string; promised: string }>(
      `SELECT payments.id, order_id, coalesce((SELECT sum(refunds.amount) FROM refunds WHERE payment_id = payments.id), 0) AS promised
       FROM payments WHERE status = 'succeeded'`,
    );
    expect(taken.map(({ id }) => id).sort()).toEqual(captured.map(({ idempotencyKey }) => idempotencyKey).sort());
    for (const { order_id: id, promised } of taken) {
      // Kept for an order that is confirmed, or promised back in full.
      expect([await desk.orderStatus(id), promised]).toEqual(
        promised === '0' ? ['confirmed', '0'] : ['cancelled', '19.99'],
      );
      expect((await desk.events(id)).filter((type) => type === 'payment.succeeded')).toHaveLength(1);
    }
    const events = async () => (await desk.rows<{ n: string }>('SELECT count(*) AS n FROM outbox'))[0]?.n;
    const before = await events();
    expect(await heal()).toEqual({ healed: 0, cases: [] });
    expect(await events()).toBe(before);
  });

  it('takes over a refund that was made, once', async () => {
    const { id, paymentId, charge } = await paid();
    const refundId = await refund(paymentId, 'sending');
    charge.refunds.push({ id: 're_1', idempotencyKey: refundId, amount: '5.00' });
    await Promise.all([heal(), heal()]);
    expect(await desk.payment(paymentId)).toMatchObject({ status: 'partially_refunded', refunded_amount: '5.00' });
    expect(await desk.events(id)).toEqual(['payment.refunded']);
    expect(await heal()).toEqual({ healed: 0, cases: [] });
  });

  it('refunds a charge that landed after it was given up', async () => {
    const { paymentId } = await left({ status: 'cancelled', payment: 'failed' });
    desk.provider.charges.push(desk.charge(paymentId));
    expect(await heal()).toMatchObject({ healed: 1, cases: [] });
    expect(await desk.rows('SELECT amount FROM refunds WHERE payment_id = $1', [paymentId])).toEqual([
      { amount: '19.99' },
    ]);
  });

  describe('is a case for people', () => {
    it('when a charge is for no payment of ours, until it is given back', async () => {
      const strange = desk.charge(randomUUID());
      desk.provider.charges.push(strange, desk.charge('another shop'), desk.charge(randomUUID(), { status: 'failed' }));
      expect(await kinds()).toEqual(['charge_unknown', 'charge_unknown']);
      strange.refunds.push({ id: 're_1', idempotencyKey: 'by hand', amount: '19.99' });
      expect(await kinds()).toEqual(['charge_unknown']);
    });

    it('when the provider knows nothing of what we hold as paid', async () => {
      const { id, paymentId } = await paid();
      desk.provider.charges = [];
      const { cases } = await heal();
      expect(cases).toMatchObject([{ kind: 'charge_missing', paymentId, orderId: id, chargeId: `ch_${paymentId}` }]);
      expect(await desk.orderStatus(id)).toBe('processing');
    });

    it('when a payment was charged twice', async () => {
      const { paymentId } = await paid();
      desk.provider.charges.push(desk.charge(paymentId, { id: 'ch_twin' }));
      expect((await heal()).cases).toMatchObject([{ kind: 'charged_twice', paymentId, chargeId: 'ch_twin' }]);
    });

    it('when more was charged than can be given back', async () => {
      const { charge, paymentId } = await paid({ amount: '25.00' }, 'refunded');
      const refundId = await refund(paymentId, 'succeeded', '19.99');
      charge.refunds.push({ id: 're_1', idempotencyKey: refundId, amount: '19.99' });
      expect((await heal()).cases).toMatchObject([{ kind: 'charged_otherwise', paymentId }]);
    });

    it('when refunds do not add up', async () => {
      const { charge, paymentId } = await paid();
      charge.refunds.push({ id: 're_x', idempotencyKey: 'by hand', amount: '1.00' });
      await refund(paymentId, 'succeeded');
      const failed = await refund(paymentId, 'failed');
      charge.refunds.push({ id: 're_y', idempotencyKey: failed, amount: '5.00' });
      expect((await kinds()).sort()).toEqual(['refund_missing', 'refund_otherwise', 'refund_unknown']);
    });

    it('when what we hold as paid is in a state nobody knows', async () => {
      const { charge } = await paid();
      charge.status = 'disputed';
      expect(await kinds()).toEqual(['charge_unreadable']);
    });
  });

  it('reports nothing that is just on its way', async () => {
    const { paymentId } = await paid();
    const charges = desk.provider.charges;
    // First it is not listed; asked about again, it is there.
    desk.provider.charges = [];
    desk.provider.onLookup = (call, response) => answer(response, 200, call.key === paymentId ? charges : []);
    expect(await desk.reconciliation.compare(null)).toMatchObject({ payments: 1, heals: [], cases: [] });
  });

  it('reads books of many pages to their end, also where many charges share a moment', async () => {
    const moment = Date.now() - 60_000;
    for (let i = 0; i < 2_600; i += 1) {
      // 900 charges in each millisecond.
      const createdAt = new Date(moment + Math.floor(i / 900)).toISOString();
      desk.provider.charges.push(desk.charge(randomUUID(), { status: 'failed', createdAt }));
    }
    desk.provider.charges.push(desk.charge(randomUUID()));
    const { charges, cases } = await desk.reconciliation.compare(null);
    expect(charges).toBe(2_601);
    expect(cases).toMatchObject([{ kind: 'charge_unknown' }]);
    // And only as far back as it is told to look.
    expect(await desk.reconciliation.compare(new Date(moment + 30_000))).toMatchObject({ charges: 1 });
  });

  it('keeps only what it has not met the charge of while it reads', async () => {
    const at = (minute: number) => Date.now() - (10 - minute) * 60_000;
    const ids = [1, 2, 3].map((minute) => new V7Generator().generateOrResetCore(at(minute), 10_000).toString());
    for (const id of ids) {
      const { paymentId } = await left({ payment: 'succeeded' });
      await desk.rows('UPDATE payments SET id = $2 WHERE id = $1', [paymentId, id]);
    }
    const taken = desk.takenPayments(new Date(at(0)));
    await taken.read(new Date(at(2) + 1_000));
    expect([...taken.withoutCharge]).toEqual(ids.slice(0, 2));
    taken.met(ids[0] ?? '');
    await taken.read(null);
    expect([...taken.withoutCharge, taken.count]).toEqual([...ids.slice(1), 3]);
  });

  it('looks at three days once, then at the last minutes and what is open', async () => {
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const old = desk.charge(randomUUID(), { createdAt: ago(600) });
    const { paymentId } = await left();
    desk.provider.charges.push(old);
    await desk.reconciliation.run();
    const cases = () => desk.meters.get('reconciliation_cases')?.byKind.get('charge_unknown');
    expect(cases()).toBe(1);

    const { paymentId: earlier } = await left();
    desk.provider.charges.push(
      desk.charge(paymentId, { createdAt: ago(5) }),
      desk.charge(earlier, { createdAt: ago(90) }),
    );
    await desk.reconciliation.run();
    expect([await desk.payment(paymentId), await desk.payment(earlier)]).toMatchObject([
      { status: 'succeeded' },
      { status: 'charging' },
    ]);
    expect(cases()).toBe(1);

    old.refunds.push({ id: 're_1', idempotencyKey: 'by hand', amount: old.amount });
    await desk.reconciliation.run();
    expect(cases()).toBe(0);
  });

  it('heals what is new, and ends, where the books are those of many others', async () => {
    for (let i = 0; i < 1_050; i += 1) desk.provider.charges.push(desk.charge(randomUUID()));
    expect((await heal()).cases).toHaveLength(1_000);
    const { paymentId } = await left();
    desk.provider.charges.push(desk.charge(paymentId));
    expect((await heal()).healed).toBe(1);
    desk.provider.charges = [];
    await heal();
  }, 60_000);

  it('says nothing when the provider does not', async () => {
    await paid();
    desk.provider.onLookup = (_call, response) => answer(response, 404, {});
    await expect(desk.reconciliation.compare(null)).rejects.toThrow('could not be asked');
  });
});
