import { randomUUID } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import { sql } from '../../../src/database/sql';
import { eventually } from '../../support/eventually';
import { CheckoutDesk, type Seller } from './checkout-desk';

const HELD_SECONDS = 600;
const CLAIM_SECONDS = 60;
const CUSTOMERS = 16;
const EXPIRERS = 4;
const ROUNDS = 10;

const PLACED = { checkout: 'claimed', stock: 'claimed', placement: 'live', order: 'pending' };
const EXPIRED = { checkout: 'expired', stock: 'expired', placement: null, order: null };
const BURIED = { checkout: 'released', stock: 'released', placement: 'tombstone', order: null };

describe('a checkout at the end of its time', () => {
  let desk: CheckoutDesk;
  let seller: Seller;

  beforeAll(async () => {
    desk = await CheckoutDesk.open();
    seller = await desk.seller();
  });
  afterAll(() => desk.close());

  /** Several in this database wait for a lock of this kind. */
  const waiting = (source: DataSource, locktype: string) =>
    eventually(`somebody to wait for a ${locktype}`, async () => {
      const rows = await sql(source, `SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = $1`, [locktype]);
      return rows.length > 0;
    });

  async function inTheMeantime(source: DataSource, work: (runner: QueryRunner) => Promise<void>): Promise<void> {
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    try {
      await work(runner);
      await runner.commitTransaction();
    } finally {
      await runner.release();
    }
  }

  // For those who place, all are held yet; for those who expire, each has run out: the moment itself, held on to.
  it('is placed or expires, never both, while many expire and all customers place', async () => {
    const expirers = await Promise.all(Array.from({ length: EXPIRERS }, () => desk.seller(HELD_SECONDS + 1)));
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS && seen.size < 2; round += 1) {
      const checkouts = await desk.checkoutsOfOne(100, CUSTOMERS);
      const [refusals] = await Promise.all([
        Promise.all([...checkouts].reverse().map(async (it) => [it, await desk.place(seller, it)] as const)),
        ...expirers.map((expirer) => expirer.checkouts.expireDue()),
      ]);
      for (const [checkout, refusal] of refusals) {
        expect([null, 'checkout.expired']).toContain(refusal);
        expect(await desk.outcome(checkout)).toEqual(refusal === null ? PLACED : EXPIRED);
        seen.add(String(refusal));
      }
      const placed = refusals.filter(([, refusal]) => refusal === null);
      expect(await desk.reserved(checkouts)).toBe(placed.length);
    }
    expect([...seen].sort()).toEqual(['checkout.expired', 'null']);
  }, 60_000);

  it('stays with a slow request that placed it before the reaper came', async () => {
    const reaper = await desk.seller(CLAIM_SECONDS + 1);
    const checkouts = await desk.checkoutsOfOne(5, 1);
    const [checkout] = checkouts;
    if (!checkout) throw new Error('no checkout');
    const requests: Promise<unknown>[] = [];
    await inTheMeantime(desk.orders, async (runner) => {
      // The request has written its placement and comes no further; the reaper sees nothing of that.
      await runner.query('LOCK TABLE orders IN EXCLUSIVE MODE');
      requests.push(desk.place(seller, checkout));
      await waiting(desk.orders, 'relation');
      requests.push(reaper.placing.reapUnplaced());
      await waiting(desk.orders, 'transactionid');
    });
    expect(await Promise.all(requests)).toEqual([null, 0]);
    expect(await desk.outcome(checkout)).toEqual(PLACED);
    expect(await desk.reserved(checkouts)).toBe(1);
  });

  it('is lost to a request that comes after the tombstone, and its stock is free', async () => {
    const reaper = await desk.seller(CLAIM_SECONDS + 1);
    const checkouts = await desk.checkoutsOfOne(5, 1);
    const [checkout] = checkouts;
    if (!checkout) throw new Error('no checkout');
    const requests: Promise<unknown>[] = [];
    await inTheMeantime(desk.orders, async (runner) => {
      // The reaper has written its tombstone, and has not come to its commit.
      await runner.query(`INSERT INTO placements (checkout_id, order_id, status) VALUES ($1, $2, 'tombstone')`, [
        checkout.id,
        checkout.orderId,
      ]);
      requests.push(desk.place(seller, checkout));
      await waiting(desk.orders, 'transactionid');
    });
    expect(await Promise.all(requests)).toEqual(['checkout.expired']);
    expect(await reaper.placing.reapUnplaced()).toBe(1);
    expect(await desk.outcome(checkout)).toEqual(BURIED);
    expect(await desk.reserved(checkouts)).toBe(0);
    expect(await desk.place(seller, checkout)).toBe('checkout.expired');
  });

  it('gives its stock back at once when its cart was ordered by another one', async () => {
    const checkouts = await desk.checkoutsOfOne(5, 2, randomUUID());
    const refusals = await Promise.all(checkouts.map((checkout) => desk.place(seller, checkout)));
    expect([...refusals].sort()).toEqual([null, 'order.cart_already_ordered'].sort());
    const outcomes = await Promise.all(checkouts.map((checkout) => desk.outcome(checkout)));
    expect(outcomes).toEqual(refusals.map((refusal) => (refusal === null ? PLACED : BURIED)));
    expect(await desk.reserved(checkouts)).toBe(1);
  });
});
