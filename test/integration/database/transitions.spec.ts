import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { CheckoutRepository } from '../../../src/checkout/checkout.repository';
import { CHECKOUT } from '../../../src/checkout/checkout.state';
import type { StateMachine } from '../../../src/common/state-machine';
import type { Connection } from '../../../src/database/connections';
import { inTransaction, sql } from '../../../src/database/sql';
import { DEAD_LETTER } from '../../../src/dead-letters/dead-letter.state';
import { RESERVATION } from '../../../src/inventory/reservation.state';
import { NOTIFICATION } from '../../../src/notifications/notification.state';
import { NotificationsRepository } from '../../../src/notifications/notifications.repository';
import { ORDER } from '../../../src/orders/order.state';
import { OrdersRepository } from '../../../src/orders/orders.repository';
import { PAYMENT } from '../../../src/payments/payment.state';
import { PaymentsRepository } from '../../../src/payments/payments.repository';
import { REFUND } from '../../../src/payments/refund.state';
import { RefundsRepository } from '../../../src/payments/refunds.repository';
import { SHIPMENT } from '../../../src/shipping/shipment.state';
import { ShipmentsRepository } from '../../../src/shipping/shipments.repository';
import { ScratchDatabase } from '../../support/scratch-database';

// The payment's table is compared in payment.state.spec.ts.
describe('the table of transitions is that of the design for', () => {
  it.each([
    [RESERVATION, 'held -> claimed, expired, released; claimed -> committed, released; committed -> restocked'],
    [CHECKOUT, 'held -> claimed, expired, released; claimed -> released'],
    [
      ORDER,
      'pending -> confirmed, cancelled; confirmed -> processing, shipped, cancelled; processing -> shipped, cancelled; ' +
        'shipped -> delivered',
    ],
    [REFUND, 'requested -> sending; sending -> succeeded, failed'],
    [SHIPMENT, 'preparing -> shipped, cancelled; shipped -> delivered'],
    [DEAD_LETTER, 'open -> redriving, discarded; redriving -> redriven'],
    [NOTIFICATION, 'queued -> sending, dropped; sending -> sent, queued, dead, dropped'],
  ])('$name', (machine: StateMachine<string>, designed) => {
    const moves = machine.states
      .filter((from) => !machine.isFinal(from))
      .map((from) => `${from} -> ${machine.successorsOf(from).join(', ')}`);
    expect(moves.join('; ')).toBe(designed);
  });
});

/** Where the states of one machine are kept, and the statement that moves from one to the next. */
interface Store<State extends string> {
  /** Where a machine has statements for many rows besides. */
  many?: true;
  machine: StateMachine<State>;
  database: Connection;
  table: string;
  /** Stores a thing in this state; gives its id. */
  put(tx: EntityManager, state: State): Promise<string>;
  /** The moves this repository knows; true when the row was moved. */
  move: Partial<Record<State, (tx: EntityManager, id: string) => Promise<boolean>>>;
}

/** Every pair of states is tried, whatever a service would have checked before: the statement itself asks the table. */
function movesOnlyAsAllowed<State extends string>(store: Store<State>): void {
  const { machine, table } = store;
  describe(`${store.many ? 'many at once,' : ''} a ${machine.name} in the database`, () => {
    let scratch: ScratchDatabase;
    let source: DataSource;

    beforeAll(async () => {
      scratch = await ScratchDatabase.create(store.database);
      source = await scratch.open();
      await source.runMigrations();
    });
    afterAll(() => scratch.drop());

    it('is moved along its table, and by nothing else', async () => {
      const wrong: string[] = [];
      let tried = 0;
      for (const from of machine.states) {
        for (const to of machine.states) {
          const move = store.move[to];
          if (!move) continue;
          tried += 1;
          await inTransaction(source, async (tx) => {
            const id = await store.put(tx, from);
            const moved = await move(tx, id);
            const [row] = await sql<{ status: string }>(tx, `SELECT status FROM ${table} WHERE id = $1`, [id]);
            const isRight = moved === machine.allows(from, to) && row?.status === (moved ? to : from);
            if (!isRight) wrong.push(`${from} -> ${to}: ${moved ? 'moved' : 'stayed'}, is ${row?.status}`);
          });
        }
      }
      expect(tried).toBeGreaterThanOrEqual(machine.states.length * (store.many ? 1 : 2));
      expect(wrong).toEqual([]);
    });
  });
}

const orders = new OrdersRepository();
const payments = new PaymentsRepository();
const refunds = new RefundsRepository();
const shipments = new ShipmentsRepository();
const checkouts = new CheckoutRepository();
const notifications = new NotificationsRepository();

async function putOrder(tx: EntityManager, status: string): Promise<string> {
  const id = randomUUID();
  await sql(
    tx,
    `INSERT INTO orders (id, number, user_id, total_amount, subtotal_amount, status, shipping_address_id,
       shipping_address, shipping_method, payment_id, checkout_id)
     VALUES ($1::uuid, left($1::text, 20), $1, 1, 1, $2, $1, '{}', 'standard', $1, $1)`,
    [id, status],
  );
  return id;
}

async function putPayment(tx: EntityManager, status: string): Promise<string> {
  const id = randomUUID();
  await sql(
    tx,
    `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent, status)
     VALUES ($1, $1, $1, 'sandbox', 'tok_ok', 1, '-', $2)`,
    [id, status],
  );
  return id;
}

movesOnlyAsAllowed({
  machine: ORDER,
  database: 'orders',
  table: 'orders',
  put: putOrder,
  move: {
    pending: (tx, id) => orders.setStatus(tx, id, 'pending'),
    confirmed: (tx, id) => orders.setStatus(tx, id, 'confirmed'),
    processing: (tx, id) => orders.setStatus(tx, id, 'processing'),
    shipped: (tx, id) => orders.setStatus(tx, id, 'shipped'),
    delivered: (tx, id) => orders.setStatus(tx, id, 'delivered'),
    cancelled: (tx, id) => orders.setStatus(tx, id, 'cancelled', { reason: 'staff' }),
  },
});

movesOnlyAsAllowed({
  machine: PAYMENT,
  database: 'orders',
  table: 'payments',
  put: putPayment,
  move: {
    unknown: (tx, id) => payments.postpone(tx, id, 1, true),
    voided: (tx, id) => payments.setStatus(tx, id, 'voided', { failureCode: 'voided' }),
    succeeded: (tx, id) => payments.setStatus(tx, id, 'succeeded', { chargeId: 'ch_1' }),
    failed: (tx, id) => payments.setStatus(tx, id, 'failed', { failureCode: 'declined' }),
    partially_refunded: (tx, id) => payments.setStatus(tx, id, 'partially_refunded', { refunded: 1 }),
    refunded: (tx, id) => payments.setStatus(tx, id, 'refunded', { refunded: 100 }),
  },
});

movesOnlyAsAllowed({
  many: true,
  machine: ORDER,
  database: 'orders',
  table: 'orders',
  put: putOrder,
  move: {
    confirmed: async (tx, id) => (await orders.setStatuses(tx, [id], 'confirmed')).includes(id),
    processing: async (tx, id) => (await orders.setStatuses(tx, [id], 'processing')).includes(id),
  },
});

movesOnlyAsAllowed({
  many: true,
  machine: PAYMENT,
  database: 'orders',
  table: 'payments',
  put: putPayment,
  move: {
    succeeded: async (tx, id) => (await payments.succeedAll(tx, [{ paymentId: id, chargeId: 'ch_1' }])).has(id),
  },
});

movesOnlyAsAllowed({
  machine: REFUND,
  database: 'orders',
  table: 'refunds',
  put: async (tx, status) => {
    const id = await putPayment(tx, 'succeeded');
    await sql(
      tx,
      `INSERT INTO refunds (id, payment_id, cause, amount, reason, status) VALUES ($1, $1, 'test', 1, '-', $2)`,
      [id, status],
    );
    return id;
  },
  move: {
    succeeded: (tx, id) => refunds.succeed(tx, id, 're_1'),
    failed: (tx, id) => refunds.fail(tx, id, 'refused'),
  },
});

movesOnlyAsAllowed({
  machine: SHIPMENT,
  database: 'orders',
  table: 'shipments',
  put: async (tx, status) => {
    const id = await putOrder(tx, 'processing');
    await sql(tx, `INSERT INTO shipments (id, order_id, status) VALUES ($1, $1, $2)`, [id, status]);
    return id;
  },
  move: {
    preparing: (tx, id) => shipments.setStatus(tx, id, 'preparing'),
    shipped: (tx, id) => shipments.setStatus(tx, id, 'shipped', { carrier: 'UPS', trackingNumber: '1' }),
    delivered: (tx, id) => shipments.setStatus(tx, id, 'delivered'),
    cancelled: (tx, id) => shipments.setStatus(tx, id, 'cancelled'),
  },
});

movesOnlyAsAllowed({
  machine: CHECKOUT,
  database: 'products',
  table: 'checkouts',
  put: async (tx, status) => {
    const id = randomUUID();
    await sql(
      tx,
      `INSERT INTO checkouts (id, user_id, order_id, cart_id, cart_version, status, lines, subtotal_amount,
         total_amount, shipping_address_id, shipping_address, shipping_method, expires_at)
       VALUES ($1, $1, $1, $1, 1, $2, '[]', 1, 1, $1, '{}', 'standard', shop_now())`,
      [id, status],
    );
    return id;
  },
  move: {
    held: (tx, id) => checkouts.setStatus(tx, id, 'held'),
    claimed: (tx, id) => checkouts.setStatus(tx, id, 'claimed'),
    expired: (tx, id) => checkouts.setStatus(tx, id, 'expired'),
    released: (tx, id) => checkouts.setStatus(tx, id, 'released'),
  },
});

movesOnlyAsAllowed({
  machine: NOTIFICATION,
  database: 'users',
  table: 'notifications',
  put: async (tx, status) => {
    const id = randomUUID();
    await sql(
      tx,
      `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, order_id, recipient, content, status,
         tries)
       VALUES ($1, $1, $1, 'sms.order_status', 'sms', $1, $1, '+1', '{}', $2, 4)`,
      [id, status],
    );
    return id;
  },
  move: {
    sent: async (tx, id) => (await notifications.markSent(tx, [{ id, attempt: 1 }])).has(id),
    queued: async (tx, id) =>
      (await notifications.markFailed(tx, id, { attempt: 1, refused: false, error: '-' })) === 'queued',
    dead: async (tx, id) =>
      (await notifications.markFailed(tx, id, { attempt: 1, refused: true, error: '-' })) === 'dead',
    dropped: (tx, id) => notifications.drop(tx, id, 1),
  },
});
