import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { CartRepository } from '../../../src/cart/cart.repository';
import type { CartOwner } from '../../../src/cart/cart.types';
import { inTransaction, sql } from '../../../src/database/sql';
import { eventually } from '../../support/eventually';
import { ScratchDatabase } from '../../support/scratch-database';

describe('the lines of an order leave their cart', () => {
  let scratch: ScratchDatabase;
  let database: DataSource;
  let carts: CartRepository;

  beforeAll(async () => {
    scratch = await ScratchDatabase.create('users');
    database = await scratch.open();
    await database.runMigrations();
    carts = new CartRepository(database);
  });
  afterAll(() => scratch.drop());

  async function customer(): Promise<CartOwner> {
    const id = randomUUID();
    await database.query(`INSERT INTO users (id, email, password_hash, name) VALUES ($1, $2, 'none', 'A customer')`, [
      id,
      `${id}@example.com`,
    ]);
    return { kind: 'user', id };
  }
  const add = (owner: CartOwner, productId: string, quantity: number) =>
    carts.add(database, owner, randomUUID(), { productId, quantity, seenPrice: 500 });

  it('once for a checkout, however many tell of it at the same time', async () => {
    const owner = await customer();
    const [lantern, rope] = [randomUUID(), randomUUID()];
    await add(owner, lantern, 9);
    await add(owner, rope, 1);
    const items = [
      { productId: lantern, quantity: 2 },
      { productId: rope, quantity: 1 },
    ];
    const order = { checkoutId: randomUUID(), userId: owner.id, items };
    const versions = await Promise.all(Array.from({ length: 5 }, () => carts.removeOrdered(order)));

    const cart = await carts.snapshot(owner);
    expect(versions).toEqual(versions.map(() => cart?.version));
    expect(cart?.items).toEqual([{ productId: lantern, quantity: 7, seenPrice: 500 }]);
    // Told again, and told of the version that there is.
    expect(await carts.removeOrdered(order)).toBe(cart?.version);
    expect(await carts.snapshot(owner)).toEqual(cart);
  });

  it.each([
    ['more', 2, 3, [1]],
    ['fewer', 5, 1, []],
  ])('as they are when someone who wants %s of it has let go of the cart', async (_, before, quantity, left) => {
    const owner = await customer();
    const productId = randomUUID();
    await add(owner, productId, before);
    const order = { checkoutId: randomUUID(), userId: owner.id, items: [{ productId, quantity: 2 }] };
    let removed: Promise<number> | undefined;
    await inTransaction(database, async (tx) => {
      const cartId = (await carts.next(tx, owner)) ?? '';
      await carts.setQuantity(tx, cartId, { productId, quantity, seenPrice: 500 });
      removed = carts.removeOrdered(order);
      await eventually('the order to wait for the cart', async () => {
        const text = `SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`;
        return (await sql(database, text)).length > 0;
      });
    });
    await removed;
    expect((await carts.snapshot(owner))?.items.map((line) => line.quantity)).toEqual(left);
  });

  it('of whoever has no cart any more, none', async () => {
    const items = [{ productId: randomUUID(), quantity: 1 }];
    expect(await carts.removeOrdered({ checkoutId: randomUUID(), userId: randomUUID(), items })).toBe(0);
  });
});
