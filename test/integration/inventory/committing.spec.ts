import { randomUUID } from 'node:crypto';
import { sql } from '../../../src/database/sql';
import { StockDesk, type Hold } from './stock-desk';

interface EventRow {
  subject: string;
  order_id: string;
  causation_id: string;
  traceparent: string;
  data: { quantity: number; reservedQuantity: number; available: number };
}

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Many paid orders in one transaction, as a listener's batch brings them. */
describe('a batch of paid orders', () => {
  let desk: StockDesk;

  beforeAll(async () => (desk = await StockDesk.open()));
  afterAll(() => desk.close());

  const claimed = async (lines: { productId: string; quantity: number }[]): Promise<Hold> => {
    const hold = await desk.hold(lines);
    await desk.claim(hold);
    return hold;
  };
  const outcome = (hold: Hold) => {
    const id = randomUUID();
    return { ...hold, id, cause: { id, traceparent: TRACE } };
  };
  const updates = (orderIds: readonly string[]) =>
    sql<EventRow>(
      desk.database,
      `SELECT subject, order_id, causation_id, traceparent, data
       FROM outbox WHERE type = 'inventory.updated' AND order_id = ANY($1::uuid[]) ORDER BY position`,
      [orderIds],
    );

  it('takes all of them out of the stock, each once', async () => {
    const [a = '', b = ''] = await desk.products(100, 50);
    const holds = [
      await claimed([{ productId: a, quantity: 3 }]),
      await claimed([
        { productId: b, quantity: 4 },
        { productId: a, quantity: 5 },
      ]),
      await claimed([{ productId: a, quantity: 1 }]),
    ];
    const outcomes = holds.map(outcome);
    // Told twice in one batch, and once more in another.
    await desk.reservations.commit([...outcomes, ...outcomes]);
    await desk.reservations.commit(outcomes.toReversed());

    expect(await desk.counted(a)).toEqual({ quantity: 91, reserved: 0, ledger: 91, live: 0 });
    expect(await desk.counted(b)).toEqual({ quantity: 46, reserved: 0, ledger: 46, live: 0 });
  });

  it('tells of each line what was left after it, and which event it came from', async () => {
    const [a = ''] = await desk.products(10);
    const outcomes = [
      outcome(await claimed([{ productId: a, quantity: 3 }])),
      outcome(await claimed([{ productId: a, quantity: 2 }])),
    ];
    await desk.reservations.commit(outcomes);

    const events = await updates(outcomes.map(({ orderId }) => orderId));
    expect(events.map(({ data }) => data.quantity)).toHaveLength(2);
    expect(events.at(-1)?.data).toMatchObject({ quantity: 5, reservedQuantity: 0, available: 5 });
    for (const event of events) {
      const own = outcomes.find(({ orderId }) => orderId === event.order_id);
      expect(event).toMatchObject({ subject: a, causation_id: own?.id, traceparent: TRACE });
    }
    const [before, after] = events;
    const taken = outcomes.find(({ orderId }) => orderId === after?.order_id) === outcomes[0] ? 3 : 2;
    expect(before?.data).toMatchObject({ quantity: 5 + taken, reservedQuantity: taken, available: 5 });
  });

  it('leaves those alone whose hold is not claimed, and counts them', async () => {
    const [a = ''] = await desk.products(10);
    const held = await desk.hold([{ productId: a, quantity: 2 }]);
    const paid = await claimed([{ productId: a, quantity: 1 }]);
    await desk.reservations.commit([outcome(held), outcome(paid)]);
    expect(await desk.counted(a)).toEqual({ quantity: 9, reserved: 2, ledger: 9, live: 2 });
  });

  it('and others of the same products and orders at once never wait in a ring', async () => {
    const ids = await desk.products(...Array.from({ length: 6 }, () => 1_000));
    const holds = await Promise.all(
      Array.from({ length: 30 }, (_, i) => claimed(ids.slice(i % 4).map((productId) => ({ productId, quantity: 1 })))),
    );
    const outcomes = holds.map(outcome);
    const batches = Array.from({ length: 6 }, (_, i) => (i % 2 ? outcomes : outcomes.toReversed()).slice(i, i + 20));
    await Promise.all([...batches, outcomes].map((batch) => desk.reservations.commit(batch)));

    expect(desk.deadlocks.count).toBe(0);
    for (const id of ids) {
      const { quantity, ledger, reserved, live } = await desk.counted(id);
      expect({ ledger, reserved, live }).toEqual({ ledger: quantity, reserved: 0, live: 0 });
    }
  });
});
