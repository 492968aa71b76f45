import { sql } from '../../../src/database/sql';
import { StockDesk } from './stock-desk';

const SOME_ORDER = '01900000-0000-7000-8000-0000000000aa';
const SOMEBODY = SOME_ORDER;

/** What the consistency check calls when the counters no longer say what they count. */
describe('correcting the counters', () => {
  let desk: StockDesk;

  beforeAll(async () => {
    desk = await StockDesk.open();
  });
  afterAll(() => desk.close());

  /** As a defect would leave it: one counter changed by itself. */
  const spoil = (id: string, quantity: number, reserved: number) =>
    sql(desk.database, `UPDATE inventory SET quantity = $2, reserved_quantity = $3 WHERE product_id = $1`, [
      id,
      quantity,
      reserved,
    ]);
  const product = async (quantity: number): Promise<string> => (await desk.products(quantity))[0] ?? '';
  const updates = async (id: string) =>
    sql<{ data: { cause: string } }>(
      desk.database,
      `SELECT data FROM outbox WHERE subject = $1 AND type = 'inventory.updated' ORDER BY position`,
      [id],
    );
  const movements = (id: string) =>
    sql<{ delta: number; cause: string; reason: string | null }>(
      desk.database,
      `SELECT delta, cause, reason FROM stock_movements WHERE product_id = $1 ORDER BY id`,
      [id],
    );

  it('believes the ledger, and counts what is held and claimed', async () => {
    const id = await product(10);
    await desk.claim(await desk.hold([{ productId: id, quantity: 3 }]));
    await desk.hold([{ productId: id, quantity: 2 }]);
    await spoil(id, 12, 1);
    expect(await desk.inventory.correctCounters(id)).toEqual({
      productId: id,
      before: { quantity: 12, reservedQuantity: 1, ledger: 10 },
      after: { quantity: 10, reservedQuantity: 5, ledger: 10 },
    });
    expect(await desk.counted(id)).toEqual({ quantity: 10, reserved: 5, ledger: 10, live: 5 });
    expect(await movements(id)).toHaveLength(1);
    expect((await updates(id)).at(-1)?.data).toEqual({
      quantity: 10,
      reservedQuantity: 5,
      available: 5,
      cause: 'correction',
    });
  });

  it('adds to the ledger when customers were promised more than it has', async () => {
    const id = await product(10);
    await desk.hold([{ productId: id, quantity: 8 }]);
    await sql(
      desk.database,
      `INSERT INTO stock_movements (product_id, warehouse_id, delta, cause, reason)
       SELECT product_id, warehouse_id, -7, 'correction', 'a slip' FROM inventory WHERE product_id = $1`,
      [id],
    );
    expect(await desk.inventory.correctCounters(id)).toMatchObject({
      before: { quantity: 10, ledger: 3 },
      after: { quantity: 10, reservedQuantity: 8, ledger: 10 },
    });
    expect(await desk.counted(id)).toEqual({ quantity: 10, reserved: 8, ledger: 10, live: 8 });
    expect((await movements(id)).at(-1)).toEqual({
      delta: 7,
      cause: 'correction',
      reason: 'the ledger had 3, the stock row 10, reserved were 8',
    });
  });

  it('changes nothing the second time, and tells nobody', async () => {
    const id = await product(4);
    await spoil(id, 6, 2);
    expect(await desk.inventory.correctCounters(id)).not.toBeNull();
    const told = await updates(id);
    expect(await desk.inventory.correctCounters(id)).toBeNull();
    expect(await updates(id)).toEqual(told);
  });

  it('leaves to people what nobody has: more held than is on hand by either', async () => {
    const id = await product(10);
    await desk.hold([{ productId: id, quantity: 8 }]);
    await spoil(id, 5, 0);
    await sql(
      desk.database,
      `INSERT INTO stock_movements (product_id, warehouse_id, delta, cause, reason)
       SELECT product_id, warehouse_id, -4, 'correction', 'a slip' FROM inventory WHERE product_id = $1`,
      [id],
    );
    await expect(desk.inventory.correctCounters(id)).rejects.toMatchObject({
      code: 'inventory.over_promised',
      extra: { quantity: 5, ledger: 6, reserved: 8 },
    });
    expect(await desk.counted(id)).toEqual({ quantity: 5, reserved: 0, ledger: 6, live: 8 });
  });

  it('in the midst of sales takes no hold for an error, and loses none', async () => {
    const id = await product(40);
    await spoil(id, 40, 7);
    const sales = Array.from({ length: 30 }, async (_, i) => {
      const hold = await desk.hold([{ productId: id, quantity: 1 }]);
      if (i % 3 === 0) return desk.release(hold, 'held', 'released');
      await desk.claim(hold);
      if (i % 3 === 1) await desk.reservations.commit([{ ...hold, id: hold.orderId }]);
      return [];
    });
    const corrections = Array.from({ length: 10 }, () => desk.inventory.correctCounters(id));
    const done = await Promise.all([Promise.all(corrections), Promise.all(sales)]);
    expect(done[0].filter((correction) => correction !== null)).toHaveLength(1);
    expect(await desk.counted(id)).toEqual({ quantity: 30, reserved: 10, ledger: 30, live: 10 });
  });
});

describe('the ledger', () => {
  let desk: StockDesk;

  beforeAll(async () => {
    desk = await StockDesk.open();
    await desk.products(5);
  });
  afterAll(() => desk.close());

  it.each([
    'UPDATE stock_movements SET delta = 6',
    'UPDATE stock_movements SET delta = 6 WHERE false',
    'DELETE FROM stock_movements',
    'TRUNCATE stock_movements',
  ])('refuses %s, even from the owner of the table', async (statement) => {
    await expect(desk.database.query(statement)).rejects.toMatchObject({ code: '23001' });
  });

  it.each([
    ['nothing', 0, 'admin', null, SOMEBODY, 'counted'],
    ['a sale without its order', -1, 'order', null, null, null],
    ['a sale that adds', 1, 'order', SOME_ORDER, null, null],
    ['a return that takes', -1, 'restock', SOME_ORDER, null, null],
    ['a count by nobody', 1, 'admin', null, null, 'counted'],
    ['a delivery that takes, by nobody', -1, 'import', null, null, null],
    ['a correction without a reason', 1, 'correction', null, null, null],
    ['a correction by an order', 1, 'correction', SOME_ORDER, null, 'a slip'],
  ])('takes no %s', async (_what, delta, cause, orderId, actorId, reason) => {
    const added = sql(
      desk.database,
      `INSERT INTO stock_movements (product_id, warehouse_id, delta, cause, order_id, actor_id, reason)
       SELECT product_id, warehouse_id, $1::int, $2::varchar, $3::uuid, $4::uuid, $5::varchar FROM inventory`,
      [delta, cause, orderId, actorId, reason],
    );
    await expect(added).rejects.toMatchObject({ code: '23514' });
  });
});
