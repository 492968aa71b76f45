import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { AppError } from '../../../src/common/app-error';
import { ORDER } from '../../../src/orders/order.state';
import { PAYMENT } from '../../../src/payments/payment.state';
import { SHIPMENT } from '../../../src/shipping/shipment.state';
import { CENTS, OrderDesk, type Life } from './order-desk';

type Order = Awaited<ReturnType<OrderDesk['order']>>;

/** Everything that anyone may tell an order, its payment or its shipment, at any time. */
const VERBS = {
  leased: (desk: OrderDesk) => desk.charges.leaseDue(desk.database, { seconds: 0, limit: 1_000, keyMemoryHours: 23 }),
  'no answer': (desk: OrderDesk, order: Order) => desk.charges.postpone(desk.database, order.paymentId, 0, false),
  charged: (desk: OrderDesk, order: Order) => desk.payments.settle(charge(order, { amount: CENTS })),
  'charged otherwise': (desk: OrderDesk, order: Order) => desk.payments.settle(charge(order, { amount: 1 })),
  declined: (desk: OrderDesk, order: Order) => desk.payments.decline(order.paymentId, 'declined'),
  abandoned: (desk: OrderDesk, order: Order) => desk.payments.abandon(order.paymentId),
  undone: (desk: OrderDesk, { id }: Order) => desk.payments.undo({ id: randomUUID(), orderId: id }),
  'cancelled by the customer': (desk: OrderDesk, { id }: Order) => desk.orders.cancel(id, { userId: id }),
  'cancelled by staff': (desk: OrderDesk, { id }: Order) => desk.orders.cancel(id, { staffId: randomUUID() }),
  prepared: (desk: OrderDesk, { id }: Order) => desk.shipping.prepare([{ id: randomUUID(), orderId: id }]),
  'called off': (desk: OrderDesk, { id }: Order) => desk.shipping.callOff({ id: randomUUID(), orderId: id }),
  shipped: (desk: OrderDesk, { id }: Order) =>
    desk.shipping.ship(id, { carrier: 'UPS', trackingNumber: '1' }, randomUUID()),
  delivered: (desk: OrderDesk, { id }: Order) => desk.shipping.deliver(id, randomUUID()),
};
type Verb = keyof typeof VERBS;

function charge(order: Order, { amount }: { amount: number }) {
  return {
    id: `ch_${order.paymentId}`,
    idempotencyKey: order.paymentId,
    succeeded: true,
    failureCode: null,
    amount,
    currency: 'USD',
    refunds: [],
  };
}

/** Walks to every end; chance takes the rest. */
const FAR: Verb[][] = [
  ['leased', 'no answer', 'leased', 'charged', 'prepared', 'shipped', 'delivered', 'cancelled by staff'],
  ['undone', 'cancelled by the customer', 'charged'],
  ['leased', 'declined', 'charged'],
];

const PAID: ReadonlySet<string> = new Set(['succeeded', 'partially_refunded', 'refunded']);

/** Every state is the one before or one that its table allows; and what the order promises about its payment holds. */
function check(before: Life, after: Life): void {
  const steps = [
    [before.order, after.order, ORDER.allows(before.order, after.order)],
    [before.payment, after.payment, PAYMENT.allows(before.payment, after.payment)],
    [
      before.shipment,
      after.shipment,
      !before.shipment || !after.shipment || SHIPMENT.allows(before.shipment, after.shipment),
    ],
  ] as const;
  for (const [from, to, isAllowed] of steps) {
    if (from !== to && !isAllowed) throw new Error(`${from} became ${to}`);
  }
  expect(after.moves - before.moves).toBe(before.order === after.order ? 0 : 1);
  if (after.order !== 'pending' && after.order !== 'cancelled') expect(PAID.has(after.payment)).toBe(true);
  if (after.order === 'shipped' || after.order === 'delivered') expect(after.shipment).toBe(after.order);
  expect(after.promised).toBeLessThanOrEqual(PAID.has(after.payment) ? CENTS : 0);
}

describe('an order, whatever it is told in whatever order', () => {
  let desk: OrderDesk;

  beforeAll(async () => {
    desk = await OrderDesk.open();
  });
  afterAll(() => desk.close());

  const tell = (verb: Verb, order: Order): Promise<unknown> =>
    VERBS[verb](desk, order).catch((error: unknown) => {
      // No to people is a 409; anything else is a defect.
      if (!(error instanceof AppError) || error.kind !== 'conflict') throw error;
    });

  it('moves only along the tables, with its payment and its shipment', async () => {
    const names = Object.keys(VERBS).filter((name): name is Verb => name in VERBS);
    const verbs = fc.array(fc.constantFrom(...names), { minLength: 5, maxLength: 25, size: 'max' });
    const reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(verbs, async (tellings) => {
        const order = await desk.order();
        let before = await desk.life(order.id);
        for (const verb of tellings) {
          await tell(verb, order);
          const after = await desk.life(order.id);
          check(before, after);
          reached.add(after.order).add(after.payment);
          before = after;
        }
      }),
      { numRuns: 30, examples: FAR.map((walk): [Verb[]] => [walk]) },
    );
    // Walks that never came to a state have shown nothing of it.
    const all = [...ORDER.states, 'charging', 'unknown', 'succeeded', 'failed', 'voided'];
    expect(all.filter((status) => !reached.has(status))).toEqual([]);
  }, 120_000);

  it('comes out whole when it is told everything at once: its row is locked first, its payment after', async () => {
    const orders = await Promise.all(Array.from({ length: 12 }, () => desk.order()));
    await tell('leased', { id: '', paymentId: '' });
    const atOnce = ['charged', 'undone', 'cancelled by the customer', 'prepared', 'abandoned', 'charged'] as const;
    await Promise.all(orders.flatMap((order) => atOnce.map((verb) => tell(verb, order))));
    expect(desk.deadlocks.count).toBe(0);
    for (const { id } of orders) {
      const { order, payment, promised } = await desk.life(id);
      expect(['cancelled', 'processing', 'confirmed']).toContain(order);
      // An `undone` that came before the cancellation has nothing to give back yet: it comes after it in real life.
      await desk.payments.undo({ id: randomUUID(), orderId: id });
      const after = await desk.life(id);
      expect(payment).toBe('succeeded');
      if (order === 'cancelled') expect(after.promised).toBe(CENTS);
      expect(promised).toBeLessThanOrEqual(CENTS);
    }
  }, 60_000);

  it('counts what it refuses, by machine and move', async () => {
    const before = await desk.transitions.refusals();
    const order = await desk.order();
    for (const verb of ['cancelled by staff', 'charged', 'charged', 'prepared', 'shipped', 'delivered'] as const) {
      await tell(verb, order);
    }
    const after = await desk.transitions.refusals();
    const moves = [
      'payment initiated -> succeeded',
      'order cancelled -> processing',
      'order cancelled -> shipped',
      'order cancelled -> delivered',
    ];
    const counted = moves.map((move) => (after[move] ?? 0) - (before[move] ?? 0));
    expect(counted).toEqual([2, 1, 1, 1]);
  });
});
