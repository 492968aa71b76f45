// @ts-check
/** After the faults: what the shop promised, asked of every store, of the provider's own books and of the mailbox. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { mongoUrl } from '../../local/stack/settings.mjs';
import { inLanes } from './admin.mjs';

/** @typedef {import('./shop.mjs').FaultyShop} FaultyShop */
/** @typedef {import('./buyers.mjs').Placed} Placed */
/** @typedef {{ id: string, orderId: string, amount: string, status: string, refunds: { amount: string }[] }} Charge */

/** The bound of the promises: everything is settled that long after the last part is back. */
const SETTLED_WITHIN_MS = 120_000;
const DAY = 86_400;

/** @param {Placed} order */
const isPaid = (order) => order.payment !== 'tok_declined' && !order.cancelled;

export class Verdict {
  /** @type {string[]} */
  breaches = [];

  /** @param {FaultyShop} shop @param {import('./admin.mjs').Admin} admin @param {Placed[]} orders @param {Date} since */
  constructor(shop, admin, orders, since) {
    this.shop = shop;
    this.admin = admin;
    this.orders = orders;
    this.since = since;
  }

  /** Waits for the last order to come to its end. @returns {Promise<number>} milliseconds it took */
  async settled() {
    const started = Date.now();
    let open = await this.#unsettled();
    while (open.length > 0 && Date.now() - started < SETTLED_WITHIN_MS) {
      await sleep(1_000);
      open = await this.#unsettled();
    }
    const took = Date.now() - started;
    for (const line of open.slice(0, 10)) {
      this.breaches.push(`not settled within ${SETTLED_WITHIN_MS / 1000} s: ${line}`);
    }
    return took;
  }

  /** Orders, payments and stock that are not yet what the customer's wish must lead to. */
  async #unsettled() {
    const ids = this.orders.map(({ id }) => id);
    const rows = await this.shop.rows(
      'orders',
      `SELECT orders.id, orders.status, payments.status AS payment, payments.amount - payments.refunded_amount AS kept
       FROM orders JOIN payments ON payments.order_id = orders.id
       WHERE orders.id = ANY($1)`,
      [ids],
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    const stock = await this.shop.rows(
      'products',
      `SELECT order_id, array_agg(DISTINCT status) AS statuses FROM reservations WHERE order_id = ANY($1) GROUP BY order_id`,
      [ids],
    );
    const held = new Map(stock.map((row) => [row.order_id, [...row.statuses].sort().join('+')]));
    const claimed = await this.shop.rows('products', `SELECT checkout_id FROM reservations WHERE status = 'claimed'`);
    const mails = await this.#confirmations();
    const open = claimed.map(({ checkout_id: id }) => `checkout ${id} is still claimed`);
    for (const order of this.orders) {
      const row = found.get(order.id);
      const is = `${row?.status ?? 'no order'}, payment ${row?.payment ?? 'none'}, stock ${held.get(order.id) ?? 'none'}`;
      const told = mails.has(order.number) || !isPaid(order);
      const ended = row?.status === 'cancelled' && (row.payment !== 'succeeded' || Number(row.kept) === 0);
      const good = isPaid(order)
        ? ['processing', 'shipped', 'delivered'].includes(row?.status) && row?.payment === 'succeeded'
        : ended && !['charging', 'unknown', 'initiated', 'partially_refunded'].includes(row?.payment);
      const stockFollows = isPaid(order)
        ? held.get(order.id) === 'committed'
        : ['released', 'restocked'].includes(held.get(order.id) ?? '');
      if (!good || !stockFollows || !told) {
        open.push(`order ${order.id} (${order.payment}): ${is}${told ? '' : ', no mail'}`);
      }
    }
    return open;
  }

  /** Every 201 is an order its customer can read, and there is no order nobody was told of. */
  async eachAnswerHasItsOrder() {
    await inLanes(this.orders, 8, async (order) => {
      const found = await this.#readAsOwner(order);
      if (found?.id !== order.id) this.breaches.push(`order ${order.id} was answered with 201 and cannot be read`);
    });
    const known = new Set(this.orders.map(({ id }) => id));
    const rows = await this.shop.rows('orders', 'SELECT id FROM orders WHERE user_id = ANY($1)', [
      [...new Set(this.orders.map(({ userId }) => userId))],
    ]);
    for (const { id } of rows) {
      if (!known.has(id)) this.breaches.push(`order ${id} exists, and no customer was told of it`);
    }
  }

  /** The provider's own ledger: one charge kept for each paid order, none for any other. */
  async eachOrderIsChargedOnce() {
    /** @type {Map<string, Charge[]>} */
    const byOrder = new Map();
    for (const order of this.orders) byOrder.set(order.id, []);
    for (const charge of await this.#charges()) {
      if (charge.status !== 'failed') byOrder.get(charge.orderId)?.push(charge);
    }
    for (const order of this.orders) {
      const charges = byOrder.get(order.id) ?? [];
      const kept = charges.filter(({ status }) => status !== 'refunded');
      const wanted = isPaid(order) ? 1 : 0;
      if (kept.length !== wanted || charges.length > 1) {
        const list = charges.map(({ id, status }) => `${id} ${status}`).join(', ');
        this.breaches.push(`order ${order.id} (${order.payment}) has charges [${list}], should keep ${wanted}`);
      }
    }
  }

  /** One confirmation an order by Message-ID: the same mail twice is one mail. */
  async eachOrderIsConfirmedOnce() {
    const mails = await this.#confirmations();
    for (const order of this.orders) {
      const ids = mails.get(order.number) ?? new Set();
      const wanted = isPaid(order) ? [1] : order.payment === 'tok_declined' ? [0] : [0, 1];
      if (!wanted.includes(ids.size)) this.breaches.push(`order ${order.id} has ${ids.size} confirmations`);
    }
  }

  /** What is on hand is what was there, less what paid orders took; and the ledger says the same. @param {Map<string, number>} before by product */
  async stockIsRight(before) {
    const taken = new Map([...before.keys()].map((id) => [id, 0]));
    for (const order of this.orders.filter(isPaid)) {
      for (const { productId, quantity } of order.lines) taken.set(productId, (taken.get(productId) ?? 0) + quantity);
    }
    const rows = await this.shop.rows(
      'products',
      `SELECT inventory.product_id, quantity, reserved_quantity,
              (SELECT coalesce(sum(delta), 0)::int FROM stock_movements m WHERE m.product_id = inventory.product_id) AS ledger,
              (SELECT coalesce(sum(r.quantity), 0)::int FROM reservations r
               WHERE r.product_id = inventory.product_id AND r.status IN ('held', 'claimed')) AS holds
       FROM inventory WHERE product_id = ANY($1)`,
      [[...before.keys()]],
    );
    for (const row of rows) {
      const wanted = (before.get(row.product_id) ?? 0) - (taken.get(row.product_id) ?? 0);
      if (row.quantity !== wanted || row.ledger !== wanted || row.reserved_quantity !== row.holds) {
        this.breaches.push(
          `product ${row.product_id}: ${row.quantity} on hand, ledger ${row.ledger}, should be ${wanted}; reserved ${row.reserved_quantity}, holds ${row.holds}`,
        );
      }
    }
  }

  /** The shop's own check finds nothing, or nothing for long. @returns {Promise<number>} milliseconds until it was empty */
  async consistencyIsEmpty() {
    const started = Date.now();
    for (;;) {
      const { breaches, skipped } = await this.admin.consistency(0);
      const took = Date.now() - started;
      if (breaches.length === 0 && skipped.length === 0) return took;
      if (took > SETTLED_WITHIN_MS) {
        for (const breach of breaches.slice(0, 10)) {
          this.breaches.push(`consistency: ${breach.invariant} ${JSON.stringify(breach.ids)}: ${breach.detail}`);
        }
        if (skipped.length > 0) this.breaches.push(`consistency skipped ${JSON.stringify(skipped)}`);
        return took;
      }
      await sleep(2_000);
    }
  }

  /** All orders end, move to MongoDB (two jobs at once) and leave PostgreSQL; each is one document, and can still be read. */
  async eachOrderIsArchivedOnce() {
    const paid = this.orders.filter(isPaid);
    await inLanes(paid, 6, (order) => this.admin.shipAndDeliver(order.id));
    await Promise.all([this.shop.cli(['archive'], 31 * DAY), this.shop.cli(['archive'], 31 * DAY)]);
    const client = await MongoClient.connect(mongoUrl(this.shop.plan));
    try {
      const ids = this.orders.map(({ id }) => id);
      const documents = await client
        .db()
        .collection('order_history')
        .find({ order_id: { $in: ids } })
        .toArray();
      /** @type {Map<string, import('mongodb').Document[]>} */
      const byOrder = new Map(ids.map((id) => [id, []]));
      for (const document of documents) byOrder.get(document.order_id)?.push(document);
      for (const order of this.orders) {
        const copies = byOrder.get(order.id) ?? [];
        const wanted = isPaid(order) ? 'delivered' : 'cancelled';
        if (copies.length !== 1 || copies[0].status !== wanted || copies[0].items.length !== order.lines.length) {
          this.breaches.push(
            `order ${order.id} has ${copies.length} documents (${copies.map((c) => c.status).join()})`,
          );
        }
      }
    } finally {
      await client.close();
    }
    await this.shop.cli(['archive'], 34 * DAY);
    const left = await this.shop.rows('orders', 'SELECT id FROM orders WHERE id = ANY($1)', [
      this.orders.map(({ id }) => id),
    ]);
    if (left.length > 0) this.breaches.push(`${left.length} orders did not leave PostgreSQL`);
    await inLanes(this.orders, 8, async (order) => {
      const found = await this.#readAsOwner(order);
      if (found?.id !== order.id) this.breaches.push(`archived order ${order.id} cannot be read`);
    });
  }

  /** @param {Placed} order */
  async #readAsOwner({ id, bearer }) {
    const headers = { authorization: `Bearer ${bearer}` };
    for (let tries = 0; tries < 20; tries += 1) {
      const response = await fetch(`${this.shop.stack.baseUrl}/v1/orders/${id}`, { headers }).catch(() => null);
      if (response && response.status < 500) return response.json();
      await sleep(500);
    }
    return null;
  }

  async #confirmations() {
    const response = await fetch(this.shop.stack.mailUrl);
    /** @type {Map<string, Set<string>>} */
    const byNumber = new Map();
    for (const { subject, messageId } of await response.json()) {
      const number = /^Order confirmation (\S+)/.exec(subject)?.[1];
      if (!number) continue;
      byNumber.set(number, (byNumber.get(number) ?? new Set()).add(messageId));
    }
    return byNumber;
  }

  /** @returns {Promise<Charge[]>} */
  async #charges() {
    /** @type {Map<string, Charge>} */
    const charges = new Map();
    for (let since = this.since.toISOString(); ;) {
      const response = await fetch(`${this.shop.stack.providerUrl}/charges?since=${since}&limit=1000`);
      const page = await response.json();
      const before = charges.size;
      for (const charge of page) charges.set(charge.id, charge);
      if (page.length < 1000 || charges.size === before) return [...charges.values()];
      since = page.at(-1).createdAt;
    }
  }
}
