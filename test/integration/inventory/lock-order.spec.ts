import { randomUUID } from 'node:crypto';
import { StockDesk } from './stock-desk';

const BUYERS = 10;
const ROUNDS = 9;
const PRODUCTS = 8;

/**
 * Rows of stock are locked by product id, in whatever order a cart names them. PostgreSQL is kept from reading them by
 * their index, which would put them in order by itself: nothing promises that it always will.
 */
describe('many checkouts of the same products, half of them the other way round', () => {
  let desk: StockDesk;

  beforeAll(async () => {
    desk = await StockDesk.open({ enable_indexscan: 'off', enable_bitmapscan: 'off' });
  });
  afterAll(() => desk.close());

  it('hold, claim, commit, take back and release without one deadlock', async () => {
    const ids = await desk.products(...Array.from({ length: PRODUCTS }, () => 1_000));
    const buy = async (buyer: number): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const start = (buyer * 3 + round) % PRODUCTS;
        const wanted = [...ids.slice(start), ...ids.slice(0, start)].slice(0, 5);
        const lines = (buyer % 2 ? wanted : wanted.reverse()).map((productId) => ({ productId, quantity: 1 }));
        const hold = await desk.hold(lines);
        if (round % 3 === 0) {
          await desk.release(hold, 'held', 'released');
          continue;
        }
        await desk.claim(hold);
        await desk.reservations.commit([{ ...hold, id: randomUUID() }]);
        if (round % 3 === 1) await desk.reservations.undo({ ...hold, id: randomUUID() });
      }
    };
    await Promise.all(Array.from({ length: BUYERS }, (_, buyer) => buy(buyer)));

    expect(desk.deadlocks.count).toBe(0);
    const counted = await Promise.all(ids.map((id) => desk.counted(id)));
    for (const { quantity, ledger, reserved, live } of counted) {
      expect({ ledger, reserved, live }).toEqual({ ledger: quantity, reserved: 0, live: 0 });
    }
    const sold = counted.reduce((sum, { quantity }) => sum + 1_000 - quantity, 0);
    expect(sold).toBe(BUYERS * (ROUNDS / 3) * 5);
  }, 60_000);
});
