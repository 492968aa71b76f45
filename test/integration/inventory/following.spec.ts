import { sql } from '../../../src/database/sql';
import { StockDesk } from './stock-desk';

/** What the consistency check's repair calls for stock whose order's event had no effect. */
describe('stock that follows its order', () => {
  let desk: StockDesk;

  beforeAll(async () => {
    desk = await StockDesk.open();
  });
  afterAll(() => desk.close());

  const claimed = async () => {
    const [productId = ''] = await desk.products(5);
    const hold = await desk.hold([{ productId, quantity: 2 }]);
    await desk.claim(hold);
    return { productId, hold };
  };
  const statuses = async (checkoutId: string) =>
    (
      await sql<{ status: string }>(desk.database, 'SELECT status FROM reservations WHERE checkout_id = $1', [
        checkoutId,
      ])
    ).map(({ status }) => status);

  it('is committed once, however many repair at once, and the late event changes nothing', async () => {
    const { productId, hold } = await claimed();
    const follow = () => desk.reservations.follow({ ...hold, cancelled: false });
    expect((await Promise.all([follow(), follow(), follow()])).filter(Boolean)).toHaveLength(1);
    await desk.reservations.commit([{ ...hold, id: hold.orderId }]);
    expect(await desk.counted(productId)).toEqual({ quantity: 3, reserved: 0, ledger: 3, live: 0 });
    expect(await statuses(hold.checkoutId)).toEqual(['committed']);
  });

  it('is released when the order ended unpaid, and comes back when it ended paid', async () => {
    const unpaid = await claimed();
    expect(await desk.reservations.follow({ ...unpaid.hold, cancelled: true })).toBe(true);
    expect(await desk.reservations.follow({ ...unpaid.hold, cancelled: true })).toBe(false);
    expect(await statuses(unpaid.hold.checkoutId)).toEqual(['released']);

    const paid = await claimed();
    await desk.reservations.commit([{ ...paid.hold, id: paid.hold.orderId }]);
    const follow = () => desk.reservations.follow({ ...paid.hold, cancelled: true });
    expect((await Promise.all([follow(), follow()])).filter(Boolean)).toHaveLength(1);
    expect(await statuses(paid.hold.checkoutId)).toEqual(['restocked']);
    for (const { productId } of [unpaid, paid]) {
      expect(await desk.counted(productId)).toEqual({ quantity: 5, reserved: 0, ledger: 5, live: 0 });
    }
  });

  it('never follows out of turn: what was given back is not sold', async () => {
    const { productId, hold } = await claimed();
    await desk.release(hold, 'claimed', 'order_cancelled');
    expect(await desk.reservations.follow({ ...hold, cancelled: false })).toBe(false);
    expect(await desk.counted(productId)).toEqual({ quantity: 5, reserved: 0, ledger: 5, live: 0 });
  });
});
